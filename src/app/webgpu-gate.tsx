import './message-page.css';
import { Fragment, type ReactElement, type ReactNode } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { adviseOnWebGpu, type WebGpuAdvice } from './webgpu-advice.ts';

/** Shows the page where WebGPU works, and otherwise why it does not and what to do. */
export function WebGpuGate({ children }: { readonly children: ReactNode }): ReactNode {
  const isUnavailable = useAppState((state) => state.model.device?.available === false);
  const reason = useAppState((state) => state.model.device?.reason ?? null);
  if (!isUnavailable) return children;
  const advice = adviseOnWebGpu({
    isSecureContext,
    hasWebGpu: 'gpu' in navigator,
    userAgent: navigator.userAgent,
    reason,
    host: location.host,
  });
  return <WebGpuMissing advice={advice} />;
}

function WebGpuMissing({ advice }: { readonly advice: WebGpuAdvice }): ReactElement {
  return (
    <main className="message-page">
      <h1>Duet needs WebGPU</h1>
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
    </main>
  );
}

/** Text between backquotes is set as code. */
function WithCode({ text }: { readonly text: string }): ReactElement {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}
