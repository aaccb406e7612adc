import { useCallback, useEffect, useMemo, useState } from 'react';
import { useAppStore } from '@/state/use-app-state.ts';
import { END, indexIn, stepsOf, type Lesson, type LessonStep, type Way } from './lesson.ts';
import {
  answered,
  effectSeen,
  nextStep,
  progressOf,
  startedAgain,
  stepBefore,
  wayChosen,
  type LessonProgress,
} from './lesson-progress.ts';
import { useLessons, useLessonStore } from './lessons-context.tsx';
import { makeRoom, openRecording } from './open-recording.ts';
import type { ChosenWay } from './use-way.ts';

export interface LessonInHand extends ChosenWay {
  readonly lesson: Lesson;
  readonly steps: readonly LessonStep[];
  readonly progress: LessonProgress;
  /** Index of the step; as many as there are steps: at the end. */
  readonly place: number;
  readonly step: LessonStep | null;
  /** What was wrong with the recording. */
  readonly problem: string | null;
  /** The panel is as the lesson needs it. */
  readonly isReady: boolean;
  /** Once more, when what was in the way is over. */
  readonly prepareAgain: () => void;
  readonly next: () => void;
  readonly back: () => void;
  readonly seen: () => void;
  readonly answer: (choice: number) => void;
  readonly again: () => void;
  readonly chooseWay: (way: Way) => void;
}

/** Where the visitor is in a lesson, and what can be done about it. @param onAgain  mounts the caller anew */
export function useLesson(lesson: Lesson, chosen: ChosenWay, onAgain: () => void): LessonInHand {
  const lessons = useLessonStore();
  const progress = useLessons((view) => progressOf(view, lesson.id));
  const { way } = chosen;
  const steps = useMemo(() => stepsOf(lesson, way), [lesson, way]);
  const place = indexIn(lesson, way, progress.stepId);
  const step = steps[place] ?? null;
  const stepId = step?.id ?? END;
  const prepared = usePrepared(lesson, way);
  const { id } = lesson;
  return {
    ...chosen,
    ...prepared,
    lesson,
    steps,
    progress,
    place,
    step,
    prepareAgain: onAgain,
    next: () => lessons.setState((view) => nextStep(view, lesson, way)),
    back: () => lessons.setState((view) => stepBefore(view, lesson, way)),
    seen: useCallback(() => lessons.setState((view) => effectSeen(view, id, stepId)), [lessons, id, stepId]),
    answer: (choice) => lessons.setState((view) => answered(view, id, stepId, choice)),
    again: () => {
      lessons.setState((view) => startedAgain(view, id));
      onAgain();
    },
    chooseWay: (wanted) => lessons.setState((view) => wayChosen(view, id, wanted)),
  };
}

interface Prepared {
  readonly isReady: boolean;
  readonly problem: string | null;
}

/** Puts what the lesson needs onto its panel, once. */
function usePrepared(lesson: Lesson, way: Way): Prepared {
  const app = useAppStore();
  const lessons = useLessonStore();
  const [prepared, setPrepared] = useState<Prepared>({ isReady: false, problem: null });
  useEffect(() => {
    const stop = new AbortController();
    const place = indexIn(lesson, way, progressOf(lessons.getState(), lesson.id).stepId);
    const prepare = async (): Promise<void> => {
      for (const recording of lesson.recordings) {
        if (way === 'live' && recording.isAlwaysShown !== true) {
          makeRoom(recording.kind, app.getState());
          continue;
        }
        const playedAt = recording.playedIn === null ? -1 : indexIn(lesson, way, recording.playedIn);
        // oxlint-disable-next-line no-await-in-loop -- two at most, and the first is seen first
        await openRecording(recording, place > playedAt, app.getState, stop.signal);
      }
    };
    prepare().then(
      () => setPrepared({ isReady: true, problem: null }),
      (error: unknown) =>
        setPrepared({ isReady: true, problem: error instanceof Error ? error.message : String(error) }),
    );
    return () => stop.abort();
  }, [lesson, way, app, lessons]);
  return prepared;
}
