import { expect, test } from 'vitest';
import { NAME_COLUMN, nextOrder, orderedRows, RUNS_COLUMNS, type RunsColumn } from './runs-columns.ts';
import type { RunsTableRow } from './runs-table-row.ts';

function rowOf(id: string, some: Partial<RunsTableRow>): RunsTableRow {
  return {
    id,
    name: id,
    method: 'negotiation',
    stepsDone: 40,
    stepsPlanned: 40,
    reward: null,
    rewardChange: null,
    agreementRate: null,
    secondsPerStep: null,
    adapterName: 'adapter',
    branchedFrom: null,
    isRunning: false,
    obstacle: '',
    ...some,
  };
}

function columnOf(key: string): RunsColumn {
  const column = RUNS_COLUMNS.find((one) => one.key === key);
  if (column === undefined) throw new Error(`No column ${key}.`);
  return column;
}

const ROWS = [rowOf('run 10', { reward: 2 }), rowOf('run 9', { reward: 3 }), rowOf('new', {})];
const ids = (rows: readonly RunsTableRow[]): string[] => rows.map(({ id }) => id);

test('rows are sorted by number or by name, those without a value last, the baseline first', () => {
  expect(ids(orderedRows(ROWS, null, null))).toEqual(['run 10', 'run 9', 'new']);
  expect(ids(orderedRows(ROWS, { key: 'reward', direction: 'descending' }, null))).toEqual(['run 9', 'run 10', 'new']);
  expect(ids(orderedRows(ROWS, { key: 'reward', direction: 'ascending' }, null))).toEqual(['run 10', 'run 9', 'new']);
  expect(ids(orderedRows(ROWS, { key: 'name', direction: 'ascending' }, null))).toEqual(['new', 'run 9', 'run 10']);
  expect(ids(orderedRows(ROWS, { key: 'name', direction: 'ascending' }, 'run 10'))).toEqual(['run 10', 'new', 'run 9']);
});

test('a column turns its order twice, then gives it up', () => {
  const first = nextOrder(columnOf('reward'), null);
  expect(first).toEqual({ key: 'reward', direction: 'descending' });
  const second = nextOrder(columnOf('reward'), first);
  expect(second).toEqual({ key: 'reward', direction: 'ascending' });
  expect(nextOrder(columnOf('reward'), second)).toBeNull();
  expect(nextOrder(NAME_COLUMN, first)).toEqual({ key: 'name', direction: 'ascending' });
});

test('values are differences from a baseline where both are known', () => {
  const [a, b, c] = ROWS;
  if (a === undefined || b === undefined || c === undefined) throw new Error('There are three rows.');
  expect(columnOf('reward').difference?.(b, a)).toBe('+1.00');
  expect(columnOf('reward').difference?.(c, a)).toBe('\u2013');
  const agreement = columnOf('agreement');
  expect(agreement.difference?.(rowOf('x', { agreementRate: 0.5 }), rowOf('y', { agreementRate: 0.75 }))).toBe(
    '\u221225\u00A0pt',
  );
});
