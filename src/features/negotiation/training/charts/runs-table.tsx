import './runs-table.css';
import { Button, Checkbox, Menu } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { LineSample } from './line-sample.tsx';
import { MAX_RUNS } from './run-styles.ts';
import { NAME_COLUMN, nextOrder, orderedRows, RUNS_COLUMNS, type RunsColumn, type RunsOrder } from './runs-columns.ts';
import type { RunsTableRow } from './runs-table-row.ts';

interface RunActions {
  readonly onOpen: (id: string) => void;
  readonly onResume: (id: string) => void;
  readonly onBranch: (id: string) => void;
  readonly onRename: (id: string) => void;
  readonly onDelete: (id: string) => void;
  readonly onUseAdapter: (id: string) => void;
}

interface RunsTableProps extends RunActions {
  readonly rows: readonly RunsTableRow[];
  /** Drawn over each other, in this order; at most six. */
  readonly chosenIds: readonly string[];
  readonly onChoose: (ids: readonly string[]) => void;
  /** Others are shown as differences from this one. */
  readonly baselineId: string | null;
  readonly onBaseline: (id: string | null) => void;
}

/** All runs that are kept, to compare, go on with, or open. */
export function RunsTable(props: RunsTableProps): ReactElement {
  const { rows, chosenIds, baselineId, onBaseline } = props;
  const [order, setOrder] = useState<RunsOrder | null>(null);
  if (rows.length === 0)
    return (
      <p className="runs-table__empty">
        No run yet. Each training stands here from its first step on: what it has come to, and the way to go on with it,
        to branch off from one of its checkpoints, or to compare it with others.
      </p>
    );
  const baseline = rows.find(({ id }) => id === baselineId) ?? null;
  const columns = [NAME_COLUMN, ...RUNS_COLUMNS];
  return (
    <div className="runs-table">
      <p className="runs-table__note">
        {baseline === null ? (
          `${chosenIds.length} of at most ${MAX_RUNS} runs marked for the charts.`
        ) : (
          <>
            Numbers of the others are differences from {`\u201C${baseline.name}\u201D`}.
            <Button variant="default" size="compact-xs" onClick={() => onBaseline(null)}>
              Show values
            </Button>
          </>
        )}
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard */}
      <div className="runs-table__scroll" tabIndex={0} role="region" aria-label="Table of runs">
        <table>
          <caption className="visually-hidden">
            Runs of training; CA, agreement and time are means of the last five steps
          </caption>
          <thead>
            <tr>
              <th scope="col" className="runs-table__mark">
                <span className="visually-hidden">In the charts</span>
              </th>
              {columns.map((column) => (
                <Head key={column.key} column={column} order={order} onOrder={setOrder} />
              ))}
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {orderedRows(rows, order, baselineId).map((row) => (
              <Row key={row.id} {...props} row={row} baseline={baseline} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface HeadProps {
  readonly column: RunsColumn;
  readonly order: RunsOrder | null;
  readonly onOrder: (order: RunsOrder | null) => void;
}

const ARROWS = { ascending: '\u25B4', descending: '\u25BE' } as const;

function Head({ column, order, onOrder }: HeadProps): ReactElement {
  const direction = order?.key === column.key ? order.direction : null;
  return (
    <th scope="col" aria-sort={direction ?? 'none'} data-number={column.isNumber}>
      <button type="button" title={column.meaning} onClick={() => onOrder(nextOrder(column, order))}>
        {column.title}
        <span aria-hidden="true">{direction === null ? '' : ARROWS[direction]}</span>
      </button>
    </th>
  );
}

interface RowProps extends RunsTableProps {
  readonly row: RunsTableRow;
  readonly baseline: RunsTableRow | null;
}

function Row(props: RowProps): ReactElement {
  const { row, baseline, chosenIds, onChoose } = props;
  const { id, name, isRunning } = row;
  const place = chosenIds.indexOf(id);
  const isChosen = place >= 0;
  const isBaseline = baseline?.id === id;
  return (
    <tr data-baseline={isBaseline} data-running={isRunning}>
      <td className="runs-table__mark">
        <Checkbox
          size="xs"
          iconColor="var(--paper)"
          checked={isChosen}
          disabled={!isChosen && chosenIds.length >= MAX_RUNS}
          aria-label={`Draw \u201C${name}\u201D`}
          title={!isChosen && chosenIds.length >= MAX_RUNS ? 'Six runs are marked already.' : ''}
          onChange={() => onChoose(isChosen ? chosenIds.filter((other) => other !== id) : [...chosenIds, id])}
        />
        {isChosen && <LineSample index={place} />}
      </td>
      <th scope="row">
        <span className="runs-table__name" dir="auto" title={name}>
          {name}
        </span>
        {isRunning && <small>training</small>}
        {isBaseline && <small>baseline</small>}
      </th>
      {RUNS_COLUMNS.map((column) => (
        <td key={column.key} data-label={column.title} data-number={column.isNumber}>
          <span title={column.text(row)}>{textOf(column, row, baseline)}</span>
        </td>
      ))}
      <td className="runs-table__actions">
        <Actions {...props} isBaseline={isBaseline} />
      </td>
    </tr>
  );
}

function textOf(column: RunsColumn, row: RunsTableRow, baseline: RunsTableRow | null): string {
  if (baseline === null || baseline.id === row.id || column.difference === undefined) return column.text(row);
  return column.difference(row, baseline);
}

function Actions(props: RowProps & { readonly isBaseline: boolean }): ReactElement {
  const { row, isBaseline, onBaseline } = props;
  const { id, name, isRunning, obstacle, adapterName } = row;
  const isBlocked = isRunning || obstacle !== '';
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        aria-label={`Open \u201C${name}\u201D`}
        onClick={() => props.onOpen(id)}
      >
        Open
      </Button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" size="compact-xs" aria-label={`More for \u201C${name}\u201D`}>
            {'\u2026'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {obstacle !== '' && <Menu.Label>{obstacle}</Menu.Label>}
          <Menu.Item disabled={isBlocked} onClick={() => props.onResume(id)}>
            Resume
          </Menu.Item>
          <Menu.Item disabled={isBlocked} onClick={() => props.onBranch(id)}>
            Branch from a checkpoint
          </Menu.Item>
          <Menu.Item disabled={isBlocked || adapterName === null} onClick={() => props.onUseAdapter(id)}>
            Use its adapter
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => onBaseline(isBaseline ? null : id)}>
            {isBaseline ? 'No baseline' : 'Pin as baseline'}
          </Menu.Item>
          <Menu.Item onClick={() => props.onRename(id)}>Rename</Menu.Item>
          <Menu.Item disabled={isRunning} onClick={() => props.onDelete(id)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
