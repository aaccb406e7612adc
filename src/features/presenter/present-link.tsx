import { useEffect, useRef, type ReactElement } from 'react';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { addressOfPreset, presetOfAddress } from './presenter-address.ts';

let wasPresenting = false;

/** Opens the presenter view of the page that is shown. After leaving that view the keyboard goes on from here. */
export function PresentLink(): ReactElement {
  const link = useRef<HTMLAnchorElement>(null);
  const preset = presetOfAddress(usePageAddress());
  useEffect(() => {
    if (wasPresenting) link.current?.focus({ preventScroll: true });
    wasPresenting = false;
    return () => {
      wasPresenting = true;
    };
  }, []);
  return (
    <a className="chip present-link" href={addressOfPreset(preset)} ref={link}>
      Present
    </a>
  );
}
