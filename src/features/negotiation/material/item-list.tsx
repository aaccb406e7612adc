import { useElementSize, useMergedRef } from '@mantine/hooks';
import {
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type RefObject,
} from 'react';
import type { MaterialItem } from '@/state/material-lists.ts';
import { ORIGIN_NAMES, SPLIT_NAMES, type ItemKind } from './item-kinds.ts';
import { CATEGORY_SHORT } from './category-names.ts';

/** Pixels. */
const ROW_HEIGHT = 54;
/** Rows that are drawn above and below what is seen. */
const MARGIN_ROWS = 6;

interface ItemListProps<Item extends MaterialItem> {
  readonly kind: ItemKind<Item>;
  readonly items: readonly Item[];
  readonly selectedId: string | undefined;
  readonly chosenId: string;
  readonly onSelect: (id: string) => void;
  /** Where the keyboard goes when something else has gone. */
  readonly listRef: RefObject<HTMLDivElement | null>;
}

/** A list of any length, of which only what is seen is drawn. One stop of the Tab key; arrows move in it. */
export function ItemList<Item extends MaterialItem>(props: ItemListProps<Item>): ReactElement {
  const { kind, items, selectedId, chosenId, onSelect, listRef } = props;
  const id = useId();
  const { ref: measured, height } = useElementSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(box, measured, listRef);
  const [scrollTop, setScrollTop] = useState(0);
  const selected = items.findIndex((item) => item.id === selectedId);
  const from = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - MARGIN_ROWS);
  const to = Math.min(items.length, Math.ceil((scrollTop + height) / ROW_HEIGHT) + MARGIN_ROWS);

  // What is selected is in sight, also after the keys or a filter have moved it.
  useEffect(() => {
    const { current } = box;
    if (current === null || selected < 0 || height === 0) return;
    const top = selected * ROW_HEIGHT;
    if (top < current.scrollTop) current.scrollTop = top;
    else if (top + ROW_HEIGHT > current.scrollTop + height) current.scrollTop = top + ROW_HEIGHT - height;
  }, [height, selected]);

  const move = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / ROW_HEIGHT) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -items.length,
      End: items.length,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = items[Math.min(items.length - 1, Math.max(0, selected + step))];
    if (next !== undefined) onSelect(next.id);
  };
  const click = (event: MouseEvent): void => {
    const row = event.target instanceof Element ? event.target.closest('[data-id]') : null;
    const rowId = row?.getAttribute('data-id') ?? null;
    if (rowId !== null) onSelect(rowId);
  };
  return (
    <div
      ref={ref}
      className="item-list"
      role="listbox"
      tabIndex={0}
      aria-label={kind.nouns}
      aria-activedescendant={selected >= from && selected < to ? `${id}-${selected}` : undefined}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={move}
      onClick={click}
    >
      <div className="item-list__all" role="presentation" style={{ height: items.length * ROW_HEIGHT }}>
        {items.slice(from, to).map((item, index) => (
          <div
            key={item.id}
            id={`${id}-${from + index}`}
            data-id={item.id}
            className="item-list__row"
            role="option"
            aria-selected={item.id === selectedId}
            aria-setsize={items.length}
            aria-posinset={from + index + 1}
            style={{ top: (from + index) * ROW_HEIGHT, height: ROW_HEIGHT }}
          >
            <span className="item-list__title" dir="auto">
              {kind.titleOf(item)}
            </span>
            <span className="item-list__facts">
              {factsOf(kind, item).join(' · ')}
              {item.id === chosenId && <strong> · chosen</strong>}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

function factsOf<Item extends MaterialItem>(kind: ItemKind<Item>, item: Item): string[] {
  const category = kind.categoryOf(item);
  return [...(category === null ? [] : [CATEGORY_SHORT[category]]), SPLIT_NAMES[item.split], ORIGIN_NAMES[item.origin]];
}
