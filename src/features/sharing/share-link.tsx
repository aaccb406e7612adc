import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { MAX_LINK_CHARACTERS } from '@/state/sharing/share-text.ts';
import { MAX_QR_CHARACTERS, QrPicture } from './qr-picture.tsx';

interface ShareLinkProps {
  /** Null: too long for one. */
  readonly link: string | null;
  readonly title: string | undefined;
}

const limit = MAX_LINK_CHARACTERS.toLocaleString('en');

// A page of a LAN without a certificate is not let into the clipboard.
const NOT_COPIED = globalThis.isSecureContext
  ? 'Press Ctrl+C: the browser did not let the page copy.'
  : 'Press Ctrl+C: the browser copies only on https.';

/** The link, the ways to hand it on, and its code for a room. */
export function ShareLink({ link, title }: ShareLinkProps): ReactElement {
  const [isLarge, setIsLarge] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const { copy, copied, error } = useClipboard({ timeout: 1000 });
  useEffect(() => {
    if (error === null) return;
    field.current?.focus();
    field.current?.select();
  }, [error]);
  if (link === null) {
    return (
      <p className="share-link__none" role="status">
        Too long for a link, which may have {limit} characters: mail and chat programs break longer ones. Save it as a
        file and hand that on.
      </p>
    );
  }
  const copyLink = (): void => {
    // To be selected, it has to be seen.
    if (!('clipboard' in navigator)) setIsLarge(false);
    copy(link);
  };
  const hasCode = link.length <= MAX_QR_CHARACTERS;
  return (
    <div className="share-link" data-large={isLarge && hasCode}>
      <div className="share-link__text">
        <label className="share__label" htmlFor="share-link">
          Link
        </label>
        <textarea
          id="share-link"
          ref={field}
          readOnly
          rows={4}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <p className="share-link__length">
          {link.length.toLocaleString('en')} of {limit} characters.
          {!hasCode &&
            ` Too long for a QR code that a camera reads from a projector: that takes ${MAX_QR_CHARACTERS.toLocaleString('en')} at most.`}
        </p>
        <div className="share-link__actions">
          <Button onClick={copyLink}>{copied ? 'Copied' : 'Copy link'}</Button>
          <SystemShare link={link} title={title} />
          {hasCode && (
            <Button variant="default" aria-pressed={isLarge} onClick={() => setIsLarge(!isLarge)}>
              {isLarge ? 'Small code' : 'Large code'}
            </Button>
          )}
          <span className="share-link__length" role="status">
            {error !== null && NOT_COPIED}
          </span>
        </div>
      </div>
      {hasCode && <QrPicture text={link} />}
    </div>
  );
}

/** The system's own way to hand a link on, where there is one. */
function SystemShare({
  link,
  title = 'Duet',
}: {
  readonly link: string;
  readonly title: string | undefined;
}): ReactElement | null {
  const { share } = navigator as { share?: Navigator['share'] };
  if (share === undefined) return null;
  // Closed without a choice is no error.
  const hand = (): void => void share.call(navigator, { title, url: link }).catch(() => undefined);
  return (
    <Button variant="default" onClick={hand}>
      Hand on…
    </Button>
  );
}
