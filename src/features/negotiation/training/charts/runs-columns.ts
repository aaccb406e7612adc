/** What the table of runs shows in which column. */
import { formatDuration, formatSigned } from '@/ui/format.ts';
import type { RunsTableRow } from './runs-table-row.ts';

export interface RunsColumn {
  readonly key: string;
  readonly title: string;
  readonly meaning: string;
  /** By which rows are sorted; null comes last. */
  readonly sortValue: (row: RunsTableRow) => string | number | null;
  readonly text: (row: RunsTableRow) => string;
  /** Against the baseline's; absent where a difference says nothing. */
  readonly difference?: (row: RunsTableRow, baseline: RunsTableRow) => string;
  readonly isNumber: boolean;
}

const UNKNOWN = '\u2013';
const NO_BREAK = '\u00A0';
const METHODS: Readonly<Record<RunsTableRow['method'], string>> = {
  negotiation: 'negotiation',
  singleAgent: 'one agent',
};

interface NumberColumn {
  readonly key: string;
  readonly title: string;
  readonly meaning: string;
  readonly value: (row: RunsTableRow) => number | null;
  readonly text: (value: number) => string;
  readonly signed: (value: number) => string;
}

function numberColumn({ value, text, signed, ...rest }: NumberColumn): RunsColumn {
  return {
    ...rest,
    isNumber: true,
    sortValue: value,
    text: (row) => {
      const number = value(row);
      return number === null ? UNKNOWN : text(number);
    },
    difference: (row, baseline) => {
      const [number, base] = [value(row), value(baseline)];
      return number === null || base === null ? UNKNOWN : signed(number - base);
    },
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(0)}${NO_BREAK}%`;
const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)}${NO_BREAK}s` : formatDuration(value).replaceAll(' ', NO_BREAK);

/** The name has a column of its own in front of these. */
export const RUNS_COLUMNS: readonly RunsColumn[] = [
  {
    key: 'method',
    title: 'Method',
    meaning: 'Two personas that negotiate, or one agent that answers alone.',
    sortValue: ({ method }) => METHODS[method],
    text: ({ method }) => METHODS[method],
    isNumber: false,
  },
  {
    key: 'steps',
    title: 'Steps',
    meaning: 'Steps that are done, of those that are planned.',
    sortValue: ({ stepsDone }) => stepsDone,
    text: ({ stepsDone, stepsPlanned }) => `${stepsDone.toLocaleString('en')} of ${stepsPlanned.toLocaleString('en')}`,
    isNumber: true,
  },
  numberColumn({
    key: 'reward',
    title: 'CA',
    meaning: 'Collective Agency, 0 to 5: mean reward of the last five steps; of a short run, of its second half.',
    value: ({ reward }) => reward,
    text: (value) => value.toFixed(2),
    signed: (value) => formatSigned(value),
  }),
  numberColumn({
    key: 'change',
    title: 'Change',
    meaning: 'That mean against the one of the first five steps; of a short run, of its first half.',
    value: ({ rewardChange }) => rewardChange,
    text: (value) => formatSigned(value),
    signed: (value) => formatSigned(value),
  }),
  numberColumn({
    key: 'agreement',
    title: 'Agreement',
    meaning: 'Share of the dialogues that agreed, in the last five steps.',
    value: ({ agreementRate }) => agreementRate,
    text: percent,
    signed: (value) => `${formatSigned(value * 100, 0)}${NO_BREAK}pt`,
  }),
  numberColumn({
    key: 'time',
    title: 'Step time',
    meaning: 'Mean time of the last five steps.',
    value: ({ secondsPerStep }) => secondsPerStep,
    text: seconds,
    signed: (value) => `${formatSigned(value, 1)}${NO_BREAK}s`,
  }),
  {
    key: 'adapter',
    title: 'Adapter',
    meaning: 'The adapter that the run trains.',
    sortValue: ({ adapterName }) => adapterName,
    text: ({ adapterName }) => adapterName ?? 'deleted',
    isNumber: false,
  },
  {
    key: 'branch',
    title: 'Branched from',
    meaning: 'The run and the step whose adapter it began with.',
    sortValue: ({ branchedFrom }) => branchedFrom?.name ?? null,
    text: ({ branchedFrom }) =>
      branchedFrom === null ? UNKNOWN : `${branchedFrom.name}, step ${branchedFrom.step.toLocaleString('en')}`,
    isNumber: false,
  },
];

export const NAME_COLUMN: RunsColumn = {
  key: 'name',
  title: 'Run',
  meaning: 'Mark up to six runs to draw them over each other.',
  sortValue: ({ name }) => name,
  text: ({ name }) => name,
  isNumber: false,
};

export interface RunsOrder {
  readonly key: string;
  readonly direction: 'ascending' | 'descending';
}

/** The baseline on top, then by the column; rows without a value last. Null: as given. */
export function orderedRows(
  rows: readonly RunsTableRow[],
  order: RunsOrder | null,
  baselineId: string | null,
): readonly RunsTableRow[] {
  const column = [NAME_COLUMN, ...RUNS_COLUMNS].find(({ key }) => key === order?.key);
  const sorted =
    column === undefined || order === null
      ? rows
      : rows.toSorted((a, b) => compared(column.sortValue(a), column.sortValue(b), order.direction));
  const isBaseline = ({ id }: RunsTableRow): boolean => id === baselineId;
  return [...sorted.filter(isBaseline), ...sorted.filter((row) => !isBaseline(row))];
}

function compared(a: string | number | null, b: string | number | null, direction: RunsOrder['direction']): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const upward =
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });
  return direction === 'ascending' ? upward : -upward;
}

/** What a click on a column does: numbers first fall, texts first rise; the third click gives up the order. */
export function nextOrder({ key, isNumber }: RunsColumn, order: RunsOrder | null): RunsOrder | null {
  const [first, second] = isNumber ? (['descending', 'ascending'] as const) : (['ascending', 'descending'] as const);
  if (order?.key !== key) return { key, direction: first };
  return order.direction === first ? { key, direction: second } : null;
}
