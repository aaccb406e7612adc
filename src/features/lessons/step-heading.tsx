import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { useLessons } from './lessons-context.tsx';

interface StepHeadingProps {
  /** What the lesson puts onto the panel is there: opening it may have drawn the focus to the panel. */
  readonly isReady: boolean;
  readonly children: ReactNode;
}

/** Takes the focus when its step begins or is unfolded, so that a screen reader goes on from here. */
export function StepHeading({ isReady, children }: StepHeadingProps): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  const isFolded = useLessons((view) => view.isFolded);
  useEffect(() => {
    if (!isReady || isFolded) return undefined;
    const frame = requestAnimationFrame(() => heading.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, [isReady, isFolded]);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}
