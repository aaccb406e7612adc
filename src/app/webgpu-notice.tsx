import './message-page.css';
import { Button } from '@mantine/core';
import { Fragment, useState, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { adviseOnWebGpu, type WebGpuAdvice } from './webgpu-advice.ts';

/** True once it is known that no model can run here. */
export function useIsWithoutGpu(): boolean {
  return useAppState((state) => state.model.device?.available === false);
}

/** Above the panel where no model can run: why, what is shown instead, and the way to what can be done. */
export function WebGpuNotice(): ReactElement {
  const reason = useAppState((state) => state.model.device?.reason ?? null);
  const [isOpen, setIsOpen] = useState(false);
  const advice = adviseOnWebGpu({
    isSecureContext,
    hasWebGpu: 'gpu' in navigator,
    userAgent: navigator.userAgent,
    reason,
    host: location.host,
  });
  return (
    <div className="webgpu-notice" role="region" aria-label="No live run here">
      <p>
        <strong>No live run here.</strong> {advice.why} Recorded runs of a real model can be watched.
      </p>
      <Button variant="default" onClick={() => setIsOpen(true)} aria-haspopup="dialog">
        What to do
      </Button>
      <Dialog
        title="Duet needs WebGPU"
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        isLocked={false}
        isFullScreen={false}
      >
        <Advice advice={advice} />
      </Dialog>
    </div>
  );
}

function Advice({ advice }: { readonly advice: WebGpuAdvice }): ReactElement {
  return (
    <div className="message-page message-page--inside">
      <p>{advice.why}</p>
      <p>{advice.first}</p>
      <p>
        <button type="button" className="message-page__action" onClick={() => location.reload()}>
          Try again
        </button>
      </p>
      <h2>In each browser</h2>
      <dl>
        {advice.browsers.map(({ browser, isYours, steps }) => (
          <Fragment key={browser}>
            <dt data-yours={isYours}>{browser}</dt>
            <dd>
              <WithCode text={steps} />
            </dd>
          </Fragment>
        ))}
      </dl>
      <p>
        By system and by symptom:{' '}
        <a href="docs/troubleshooting.html" target="_blank" rel="noreferrer">
          troubleshooting
        </a>
        .
      </p>
    </div>
  );
}

/** Text between backquotes is set as code. */
function WithCode({ text }: { readonly text: string }): ReactElement {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}
