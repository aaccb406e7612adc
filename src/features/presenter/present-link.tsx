import { useEffect, useRef, type ReactElement } from 'react';
import { readPageAddress } from '@/lib/page-address.ts';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { addressOfPreset, isPresenterAddress, presetOfAddress } from './presenter-address.ts';

let wasPresenting = false;

/** Opens the presenter view of the page that is shown. After leaving that view the keyboard goes on from here. */
export function PresentLink(): ReactElement {
  const link = useRef<HTMLAnchorElement>(null);
  const preset = presetOfAddress(usePageAddress());
  useEffect(() => {
    if (wasPresenting) link.current?.focus({ preventScroll: true });
    wasPresenting = false;
    return () => {
      // It goes with its panel too.
      wasPresenting = isPresenterAddress(readPageAddress(location.hash));
    };
  }, []);
  return (
    <a className="chip present-link" href={addressOfPreset(preset)} ref={link}>
      Present
    </a>
  );
}
