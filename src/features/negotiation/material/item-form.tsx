import { Button, NativeSelect, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useDeferredValue, useEffect, useId, useMemo, useRef, type ReactElement } from 'react';
import { DILEMMA_CATEGORIES } from '@/protocol/negotiation.ts';
import type { ItemDraft, ItemFields } from '@/state/material-form.ts';
import type { MaterialItem } from '@/state/material-lists.ts';
import { Hints } from './item-detail.tsx';
import { CATEGORIES } from './item-filter.ts';
import type { ItemKind } from './item-kinds.ts';

interface ItemFormProps<Item extends MaterialItem> {
  readonly kind: ItemKind<Item>;
  readonly title: string;
  readonly draft: ItemDraft;
  /** What it is held against. */
  readonly existing: readonly Item[];
  readonly onChange: (draft: ItemDraft) => void;
  readonly onSave: (item: Item) => void;
  readonly onCancel: () => void;
}

/** An item as it is written, with the rules as hints. */
export function ItemForm<Item extends MaterialItem>(props: ItemFormProps<Item>): ReactElement {
  const { kind, title, draft, existing, onChange, onSave, onCancel } = props;
  // Among thousands a check takes longer than a key stroke.
  const settled = useDeferredValue(draft);
  const { item, errors, hints } = useMemo(() => kind.check(settled, existing), [kind, settled, existing]);
  const splitId = useId();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input, textarea')?.focus(), []);
  const set = (change: ItemFields): void => onChange({ ...draft, fields: { ...draft.fields, ...change } });
  // An empty field is no mistake before anything was written into it.
  const errorOf = (name: string): string | undefined =>
    draft.fields[name] === '' && draft.first[name] === '' ? undefined : errors[name];
  return (
    <form
      ref={form}
      className="item-form"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        const checked = kind.check(draft, existing).item;
        if (checked !== null) onSave(checked);
      }}
    >
      <h3>{title}</h3>
      {kind.fields.map(({ name, label, description, rows }) =>
        rows === 1 ? (
          <TextInput
            key={name}
            label={label}
            description={description}
            value={draft.fields[name] ?? ''}
            error={errorOf(name)}
            onChange={(event) => set({ [name]: event.currentTarget.value })}
          />
        ) : (
          <Textarea
            key={name}
            label={label}
            description={description}
            rows={rows}
            value={draft.fields[name] ?? ''}
            error={errorOf(name)}
            onChange={(event) => set({ [name]: event.currentTarget.value })}
          />
        ),
      )}
      <div className="item-form__row">
        {draft.fields['category'] !== undefined && (
          <NativeSelect
            label="Category"
            value={draft.fields['category']}
            onChange={(event) => set({ category: event.currentTarget.value })}
            data={CATEGORIES.map((value) => ({ value, label: DILEMMA_CATEGORIES[value].name }))}
          />
        )}
        <div className="item-form__split">
          <span id={splitId}>Split</span>
          <SegmentedControl
            size="xs"
            aria-labelledby={splitId}
            value={draft.fields['split'] ?? 'train'}
            onChange={(split) => set({ split })}
            data={[
              { value: 'train', label: 'Training' },
              { value: 'test', label: 'Held out' },
            ]}
          />
        </div>
      </div>
      <div className="material__actions">
        <Button type="submit" disabled={item === null}>
          Save
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
      <div className="item-form__hints" aria-live="polite">
        {hints.length > 0 && <Hints title="To look at; you can save it all the same" hints={hints} />}
      </div>
    </form>
  );
}
