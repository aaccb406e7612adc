/** What is known of a training step: one record per chart, from which charts, tables and files are made. */
import type { StepPhase } from '@/protocol/negotiation-training.ts';

export const METRIC_GROUPS = {
  outcome: 'Outcome',
  signal: 'Reward signal',
  policy: 'Policy',
  update: 'Update',
  lengths: 'Lengths',
  change: 'What the updates did',
  time: 'Time',
  monitors: 'Signs of a courted judge',
} as const;

export type MetricGroup = keyof typeof METRIC_GROUPS;

/** `down` and `up`: tied to negative and positive advantages. `part1` and on: parts of a sum. */
export type SeriesTone = 'main' | 'soft' | 'down' | 'up' | 'part1' | 'part2' | 'part3' | 'part4' | 'part5';

export interface MetricSeries {
  /** Of a step's metrics; several are added up. */
  readonly keys: readonly string[];
  /** As it stands at the line's end. */
  readonly label: string;
  readonly line: 'solid' | 'dashed' | 'dashDot' | 'dotted';
  readonly tone: SeriesTone;
}

export interface Metric {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly meaning: string;
  readonly group: MetricGroup;
  /** At most six. The first one that is known stands for the metric where there is room for one. */
  readonly series: readonly MetricSeries[];
  /** Drawn on top of each other below the series; there are at most six together. */
  readonly stack: readonly MetricSeries[];
  /** Values from 0 to 1 that are written in per cent; the unit says of what. */
  readonly isShare: boolean;
  readonly hasLogScale: boolean;
  /** Of the axis, where it is always the same. */
  readonly range: readonly [number, number] | null;
  /** What its values depend on, for a chart that has none. */
  readonly needs: string;
}

type MetricInput = Pick<Metric, 'id' | 'title' | 'unit' | 'meaning' | 'series'> & Partial<Metric>;

/** Key of a phase's seconds among a step's metrics. */
export function phaseKey(phase: StepPhase): string {
  return `phase_seconds/${phase}`;
}

function one(key: string, label = 'mean'): readonly MetricSeries[] {
  return [{ keys: [key], label, line: 'solid', tone: 'main' }];
}

function more(
  key: string,
  label: string,
  line: MetricSeries['line'],
  tone: SeriesTone = 'main',
): readonly MetricSeries[] {
  return [{ keys: [key], label, line, tone }];
}

function part(label: string, tone: SeriesTone, ...phases: readonly StepPhase[]): MetricSeries {
  return { keys: phases.map(phaseKey), label, line: 'solid', tone };
}

function group(name: MetricGroup, metrics: readonly MetricInput[]): readonly Metric[] {
  return metrics.map((metric) => ({
    stack: [],
    isShare: metric.unit.startsWith('%'),
    hasLogScale: false,
    range: null,
    needs: '',
    ...metric,
    group: name,
  }));
}

const NEEDS_UPDATE = 'A step in which all rewards of each group are equal makes no update and has no value here.';
const NEEDS_MEASURE = 'Known where a run reads its rows once more behind each update.';

/** In the order in which they are shown; the first three as the paper draws them. */
export const METRICS: readonly Metric[] = [
  ...group('outcome', [
    {
      id: 'reward',
      title: 'Collective Agency',
      unit: 'CA, 0 to 5',
      meaning: 'Reward of the dialogues of a group: their score, and 0 for those without agreement.',
      series: [...one('reward'), ...more('reward/min', 'min', 'dashed'), ...more('reward/max', 'max', 'dashDot')],
      range: [0, 5],
      needs: 'Known once a judge has scored an answer, or a dialogue has failed.',
    },
    {
      id: 'agreement_rate',
      title: 'Agreement',
      unit: '% of dialogues',
      meaning: 'Share of the dialogues that ended in agreement.',
      series: one('agreement_rate', 'agreed'),
      range: [0, 1],
    },
    {
      id: 'num_turns',
      title: 'Rounds to agreement',
      unit: 'rounds',
      meaning: 'Rounds until both sides agreed, of the dialogues that did; a round is one utterance of each side.',
      series: [
        ...one('num_turns/mean'),
        ...more('num_turns/min', 'min', 'dashed'),
        ...more('num_turns/max', 'max', 'dashDot'),
      ],
      needs: 'Fills with the first agreement. One agent alone has no rounds.',
    },
  ]),
  ...group('signal', [
    {
      id: 'reward_std',
      title: 'Reward spread',
      unit: 'CA',
      meaning: 'Standard deviation of the rewards within a group; without spread there is nothing to learn from.',
      series: one('reward_std'),
    },
    {
      id: 'groups',
      title: 'Use of groups and dialogues',
      unit: '% of groups or dialogues',
      meaning: 'Groups whose rewards are all equal or differ; dialogues that failed or whose score could not be read.',
      series: [
        ...one('frac_reward_zero_std', 'all equal'),
        ...more('frac_informative', 'differ', 'dashDot'),
        ...more('frac_failed', 'failed', 'dashed', 'soft'),
        ...more('frac_unreadable', 'unread', 'dotted', 'soft'),
      ],
      range: [0, 1],
    },
    {
      id: 'score',
      title: 'Score of judged answers',
      unit: 'CA, 0 to 5',
      meaning: 'Mean score of the answers that a judge has scored; failed dialogues do not count.',
      series: one('score'),
      range: [0, 5],
      needs: 'Known once a judge has scored an answer.',
    },
  ]),
  ...group('policy', [
    {
      id: 'entropy',
      title: 'Entropy',
      unit: 'nats a token',
      meaning:
        'How undecided the model is about its next token; a fall to zero means that all dialogues become the same.',
      series: one('entropy'),
      hasLogScale: true,
      needs: NEEDS_UPDATE,
    },
    {
      id: 'clip_ratio',
      title: 'Clipped tokens',
      unit: '% of tokens',
      meaning:
        'Tokens whose probability ratio left the trust region: low where they should fall, high where they should rise.',
      series: [
        ...one('clip_ratio/region_mean', 'either'),
        ...more('clip_ratio/low_mean', 'low', 'solid', 'down'),
        ...more('clip_ratio/high_mean', 'high', 'solid', 'up'),
        ...more('clip_ratio/low_min', 'low, least', 'dashed', 'down'),
        ...more('clip_ratio/high_max', 'high, most', 'dashDot', 'up'),
        ...more('cispo_clip_ratio', 'CISPO', 'dotted'),
      ],
      needs: `Some losses do not clip. ${NEEDS_UPDATE}`,
    },
    {
      id: 'kl',
      title: 'Distance from the base model',
      unit: 'KL, nats a token',
      meaning: 'How far the trained model has moved from where it began, on the tokens that it wrote.',
      series: [
        ...one('kl', 'in the loss'),
        ...more('kl/k1', 'k1', 'dotted', 'soft'),
        ...more('kl/k2', 'k2', 'dashed', 'soft'),
        ...more('kl/k3', 'k3', 'dashDot', 'soft'),
      ],
      hasLogScale: true,
      needs: 'Known where the settings give it a weight (beta), so that the model without adapter reads the rows too.',
    },
    {
      id: 'ratio',
      title: 'Probability ratio',
      unit: 'new over old',
      meaning: 'Smallest and largest ratio of a token’s probability to the one that it was sampled with.',
      series: [...more('ratio/max', 'max', 'dashDot'), ...more('ratio/min', 'min', 'dashed')],
      hasLogScale: true,
      needs: NEEDS_UPDATE,
    },
    {
      id: 'sampling',
      title: 'Sampling against training',
      unit: 'nats',
      meaning: 'How far the trainer’s log-probabilities are from those of the sampling; only rounding, if all is well.',
      series: [
        ...one('sampling/sampling_logp_difference/mean'),
        ...more('sampling/sampling_logp_difference/max', 'max', 'dashDot'),
      ],
      hasLogScale: true,
    },
  ]),
  ...group('update', [
    {
      id: 'grad_norm',
      title: 'Gradient norm',
      unit: 'before clipping',
      meaning: 'Length of the gradient over all matrices of the adapter.',
      series: one('grad_norm'),
      hasLogScale: true,
      needs: NEEDS_UPDATE,
    },
    {
      id: 'loss',
      title: 'Loss',
      unit: 'no unit',
      meaning: 'What the update makes smaller; near zero by design, so its size says little.',
      series: one('loss'),
      needs: NEEDS_UPDATE,
    },
    {
      id: 'clip_coefficient',
      title: 'Gradient clipping',
      unit: 'factor',
      meaning: 'What the gradient is multiplied with so that its norm stays within the limit; 1 means untouched.',
      series: one('clip_coefficient'),
      range: [0, 1],
      needs: NEEDS_UPDATE,
    },
    {
      id: 'learning_rate',
      title: 'Learning rate',
      unit: 'no unit',
      meaning: 'Size of the update’s steps, as the schedule has it.',
      series: one('learning_rate'),
      hasLogScale: true,
      needs: NEEDS_UPDATE,
    },
  ]),
  ...group('lengths', [
    {
      id: 'length',
      title: 'Length of what is trained',
      unit: 'tokens',
      meaning: 'Tokens of an utterance or answer that is trained.',
      series: [
        ...one('completions/mean_length'),
        ...more('completions/min_length', 'min', 'dashed'),
        ...more('completions/max_length', 'max', 'dashDot'),
      ],
      hasLogScale: true,
    },
    {
      id: 'clipped_ratio',
      title: 'Cut at the length limit',
      unit: '% of utterances and answers',
      meaning: 'Share of utterances and answers that reached their limit before they ended.',
      series: one('completions/clipped_ratio', 'cut'),
    },
    {
      id: 'num_tokens',
      title: 'Tokens trained so far',
      unit: 'tokens',
      meaning: 'Sum over all steps of the run.',
      series: one('num_tokens', 'tokens'),
      hasLogScale: true,
    },
  ]),
  ...group('change', [
    {
      id: 'change_mean_abs',
      title: 'Change of probabilities',
      unit: 'nats a token',
      meaning: 'Mean change of ln p of the trained tokens by the step’s updates, whatever its direction.',
      series: one('change/mean_abs'),
      hasLogScale: true,
      needs: NEEDS_MEASURE,
    },
    {
      id: 'change_agreement',
      title: 'Moved as the advantage asks',
      unit: '% of tokens',
      meaning:
        'Share of the tokens with an advantage that became likelier where it is positive, unlikelier where negative.',
      series: one('change/agreement', 'moved so'),
      range: [0, 1],
      needs: NEEDS_MEASURE,
    },
  ]),
  ...group('time', [
    {
      id: 'step_time',
      title: 'Time of a step',
      unit: 'seconds',
      meaning: 'What a step takes, by what it does; reading is the pass forward, with and without adapter.',
      series: one('step_time', 'total'),
      stack: [
        part('dialogues', 'part1', 'rollout'),
        part('judge', 'part2', 'judge'),
        part('reading', 'part3', 'reference', 'forward'),
        part('gradient', 'part4', 'backward'),
        part('the rest', 'part5', 'update', 'measure', 'save'),
      ],
    },
  ]),
  ...group('monitors', [
    {
      id: 'aspect_words',
      title: 'Words of the rubric',
      unit: 'words a dialogue',
      meaning:
        'How often a dialogue names the four aspects that the judge scores; a rise without better plans is courting.',
      series: one('monitor/aspect_words'),
    },
    {
      id: 'agreed_in_round_1',
      title: 'Agreed in round 1',
      unit: '% of dialogues',
      meaning: 'Share of the dialogues that agreed at once; near 100 % nobody negotiates any longer.',
      series: one('monitor/agreed_in_round_1', 'at once'),
      range: [0, 1],
    },
    {
      id: 'mean_words',
      title: 'Words of an utterance',
      unit: 'words',
      meaning: 'Mean length of utterances and answers; judges tend to like long ones.',
      series: one('monitor/mean_words'),
    },
    {
      id: 'distinct_answers',
      title: 'Distinct answers',
      unit: '% of answers',
      meaning: 'Share of the step’s answers that differ from all others; a fall means that one template answers all.',
      series: one('monitor/distinct_answers', 'distinct'),
      range: [0, 1],
    },
  ]),
];

/** All keys that a record names, in order. */
export const METRIC_KEYS: readonly string[] = METRICS.flatMap(({ series }) => series.flatMap(({ keys }) => keys));
