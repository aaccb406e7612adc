import type { ReactNode } from 'react';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';

/** Draws a verdict with what was judged; the judges' part of the panel gives it. */
export type RenderScore = (verdict: JudgeVerdict, answer: JudgedAnswer | undefined) => ReactNode;
