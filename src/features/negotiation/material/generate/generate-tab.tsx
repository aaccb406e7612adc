import './generate.css';
import type { ReactElement } from 'react';
import { GenerateForm } from './generate-form.tsx';
import { GenerationProgress } from './generation-progress.tsx';
import { ReviewList } from './review-list.tsx';
import { useGenerate } from './use-generate.ts';

/** New dilemmas by a chat model: asked for, watched, looked through, added. */
export function GenerateTab(): ReactElement {
  const driver = useGenerate();
  return (
    <div className="material__columns generate">
      <div className="material__browse">
        <GenerateForm driver={driver} />
        <GenerationProgress onStop={driver.stop} />
      </div>
      <div className="material__pane">
        <ReviewList />
      </div>
    </div>
  );
}
