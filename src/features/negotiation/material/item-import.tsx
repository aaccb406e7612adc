import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef, type ReactElement } from 'react';
import type { MaterialNote, ReadMaterial } from '@/protocol/negotiation/material-jsonl.ts';
import { MAX_OWN_ITEMS, type MaterialItem } from '@/state/material-lists.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { counted, SPLIT_NAMES, type ItemKind } from './item-kinds.ts';
import type { OpenedFile } from './opened-file.ts';

/** Items and lines that are shown of a file. */
const MAX_SHOWN = 100;

interface ItemImportProps<Item extends MaterialItem> {
  readonly kind: ItemKind<Item>;
  readonly file: OpenedFile;
  readonly onAdd: (items: readonly Item[]) => void;
  readonly onLeave: () => void;
}

/** What a file would bring; nothing changes before the button is pressed. */
export function ItemImport<Item extends MaterialItem>(props: ItemImportProps<Item>): ReactElement {
  const { file, onLeave } = props;
  if ('problem' in file) {
    return (
      <Notice
        what={`“${file.name}” was not opened`}
        why={file.problem}
        remedy="Nothing was changed. Choose another file."
        action={
          <Button variant="default" onClick={onLeave}>
            Back
          </Button>
        }
      />
    );
  }
  return <Preview {...props} name={file.name} text={file.text} />;
}

interface PreviewProps<Item extends MaterialItem> extends Omit<ItemImportProps<Item>, 'file'> {
  readonly name: string;
  readonly text: string;
}

function Preview<Item extends MaterialItem>({ kind, name, text, onAdd, onLeave }: PreviewProps<Item>): ReactElement {
  const existing = useAppState(kind.all);
  const room = useAppState((state) => MAX_OWN_ITEMS - kind.own(state).length);
  const read = useMemo(() => kind.read(text, existing), [kind, text, existing]);
  const items = read.items.slice(0, room);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="item-import" aria-label={`What “${name}” holds`}>
      <h3 ref={heading} tabIndex={-1}>
        What “{name}” holds
      </h3>
      <p role="status">{summaryOf(read)}</p>
      {read.items.length > room && (
        <p className="material__note">
          Duet keeps at most {MAX_OWN_ITEMS.toLocaleString('en')} {kind.nouns} of yours: only the first{' '}
          {room.toLocaleString('en')} would be added.
        </p>
      )}
      <div className="material__actions">
        <Button disabled={items.length === 0} onClick={() => onAdd(items)}>
          {items.length === 0 ? 'Nothing to add' : `Add ${counted(kind, items.length)}`}
        </Button>
        <Button variant="default" onClick={onLeave}>
          Cancel
        </Button>
      </div>
      <Lines title="Lines left out" notes={read.problems} />
      <Lines title="Taken, but worth a look" notes={read.notes} />
      {items.length > 0 && (
        <>
          <h4>New {kind.nouns}</h4>
          <ul className="item-import__items">
            {items.slice(0, MAX_SHOWN).map((item) => (
              <li key={item.id}>
                <span dir="auto">{kind.titleOf(item)}</span> <small>{SPLIT_NAMES[item.split]}</small>
              </li>
            ))}
          </ul>
          <More count={items.length - MAX_SHOWN} />
        </>
      )}
    </section>
  );
}

function Lines({
  title,
  notes,
}: {
  readonly title: string;
  readonly notes: readonly MaterialNote[];
}): ReactElement | null {
  if (notes.length === 0) return null;
  return (
    <>
      <h4>
        {title}: {notes.length.toLocaleString('en')}
      </h4>
      <ul className="item-import__lines">
        {notes.slice(0, MAX_SHOWN).map(({ line, reason }) => (
          <li key={`${line} ${reason}`}>
            <span>Line {line}</span> {reason}
          </li>
        ))}
      </ul>
      <More count={notes.length - MAX_SHOWN} />
    </>
  );
}

function More({ count }: { readonly count: number }): ReactElement | null {
  return count > 0 ? <p className="material__note">and {count.toLocaleString('en')} more</p> : null;
}

function summaryOf({ items, problems, numKnown }: ReadMaterial<MaterialItem>): string {
  const heldOut = items.filter(({ split }) => split === 'test').length;
  const parts = [
    `${items.length.toLocaleString('en')} new${items.length > 0 ? `, ${heldOut} of them held out` : ''}`,
    ...(numKnown > 0 ? [`${numKnown.toLocaleString('en')} there already`] : []),
    ...(problems.length > 0 ? [`${problems.length.toLocaleString('en')} left out`] : []),
  ];
  return `${parts.join('; ')}. Nothing has changed yet.`;
}
