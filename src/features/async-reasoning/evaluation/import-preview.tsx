import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import { importItems, type ImportedItems } from '@/state/evaluation-import/import-items.ts';
import {
  guessPreset,
  ITEM_PRESET_NAMES,
  ITEM_PRESETS,
  mappingOf,
  type ItemMapping,
  type ItemPresetName,
} from '@/state/evaluation-import/item-mapping.ts';
import { readRows, type ItemRows } from '@/state/evaluation-import/read-rows.ts';
import { Notice } from '@/ui/notice.tsx';
import { CustomMapping } from './custom-mapping.tsx';
import { answerText } from './item-answers.ts';

interface ImportPreviewProps {
  readonly name: string;
  readonly text: string;
  readonly onUse: (items: readonly EvaluationItem[]) => void;
  readonly onLeave: () => void;
}

const NUM_PREVIEWED = 3;
const PRESET_OPTIONS = [
  ...ITEM_PRESET_NAMES.map((value) => ({ value, label: ITEM_PRESETS[value].label })),
  { value: 'custom', label: 'Fields of my own' },
];

/** What a file holds, read as one chooses; nothing is taken over before the button is pressed. */
export function ImportPreview({ name, text, onUse, onLeave }: ImportPreviewProps): ReactElement {
  const [hasHeader, setHasHeader] = useState(true);
  const rows = useMemo(() => readRows(text, { hasHeader }), [text, hasHeader]);
  const [chosen, setChosen] = useState<ItemPresetName | 'custom' | null>(null);
  const [custom, setCustom] = useState<ItemMapping | null>(null);
  const preset = chosen ?? guessPreset(rows) ?? 'custom';
  const mapping = useMemo(
    () => (preset === 'custom' ? (custom ?? firstMapping(rows)) : mappingOf(preset, rows)),
    [preset, custom, rows],
  );
  const read = useMemo(() => importItems(rows, mapping), [rows, mapping]);
  const isReadable = rows.rows.length > 0;
  return (
    <section className="import__preview" aria-label={`What “${name}” holds`}>
      {isReadable && (
        <>
          <NativeSelect
            label="Shape of the rows"
            size="xs"
            description={
              preset === 'custom'
                ? 'Say which field is what.'
                : `Fields: ${ITEM_PRESETS[preset].description.replaceAll('`', '')}.`
            }
            data={PRESET_OPTIONS}
            value={preset}
            onChange={(event) => setChosen(event.currentTarget.value as ItemPresetName | 'custom')}
          />
          {preset === 'custom' && <CustomMapping fieldNames={rows.fieldNames} mapping={mapping} onChange={setCustom} />}
        </>
      )}
      {rows.format === 'csv' && (isReadable || !hasHeader) && (
        <Checkbox
          size="xs"
          label="The first row names the columns"
          checked={hasHeader}
          onChange={(event) => {
            setHasHeader(event.currentTarget.checked);
            setCustom(null);
          }}
        />
      )}
      <Outcome name={name} read={read} onUse={onUse} onLeave={onLeave} />
    </section>
  );
}

function firstMapping({ fieldNames }: ItemRows): ItemMapping {
  const [question = '', answer = question] = fieldNames;
  return { kind: 'number', question, answer };
}

interface OutcomeProps extends Omit<ImportPreviewProps, 'text'> {
  readonly read: ImportedItems;
}

function Outcome({ name, read, onUse, onLeave }: OutcomeProps): ReactElement {
  const { items, numLeftOut } = read;
  const leave = (
    <Button variant="default" onClick={onLeave}>
      Leave it
    </Button>
  );
  if (items.length === 0) {
    return (
      <>
        <Notice
          what="No question can be used"
          why={`“${name}” has no row that fits.`}
          remedy="Nothing was changed. Choose another shape for the rows, or mend the lines below."
          action={leave}
        />
        <Problems read={read} />
      </>
    );
  }
  return (
    <>
      <p role="status">
        <strong>{items.length.toLocaleString('en')} good</strong>, {numLeftOut.toLocaleString('en')} left out.
      </p>
      <div className="import__actions">
        <Button onClick={() => onUse(items)}>
          Use {items.length === 1 ? 'this question' : `these ${items.length.toLocaleString('en')} questions`}
        </Button>
        {leave}
      </div>
      {numLeftOut > 0 && <Problems read={read} />}
      <ol className="import__items" aria-label="First questions">
        {items.slice(0, NUM_PREVIEWED).map((item) => (
          <li key={item.id}>
            <span>{item.question}</span>
            <span>
              right answer: <strong>{answerText(item, item.answer)}</strong>
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Problems({ read: { items, problems, numLeftOut } }: { readonly read: ImportedItems }): ReactElement {
  const numMore = numLeftOut - problems.length;
  return (
    <details className="import__problems" open={items.length === 0}>
      <summary>
        {numLeftOut.toLocaleString('en')} {numLeftOut === 1 ? 'line' : 'lines'} left out
      </summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be reachable by keyboard */}
      <ul tabIndex={0} aria-label="Lines left out">
        {problems.map(({ line, reason }) => (
          <li key={`${line} ${reason}`}>
            Line {line}: {reason}
          </li>
        ))}
        {numMore > 0 && <li>And {numMore.toLocaleString('en')} more.</li>}
      </ul>
    </details>
  );
}
