import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { MaterialItem } from '@/state/material-lists.ts';
import { CATEGORIES, categoryLabel, type ItemCounts, type ItemFilter } from './item-filter.ts';
import type { ItemKind } from './item-kinds.ts';

interface ItemFiltersProps<Item extends MaterialItem> {
  readonly kind: ItemKind<Item>;
  readonly filter: ItemFilter;
  readonly counts: ItemCounts;
  readonly hasCategories: boolean;
  readonly onChange: (change: Partial<ItemFilter>) => void;
}

/** Search and filters of a list, with how many there are of each. */
export function ItemFilters<Item extends MaterialItem>(props: ItemFiltersProps<Item>): ReactElement {
  const { kind, filter, counts, hasCategories, onChange } = props;
  const { split, origin } = counts;
  return (
    <div className="material__filters" role="search" aria-label={`Find ${kind.nouns}`}>
      <TextInput
        type="search"
        size="xs"
        aria-label="Search"
        placeholder="Search words"
        value={filter.words}
        onChange={(event) => onChange({ words: event.currentTarget.value })}
      />
      {hasCategories && (
        <NativeSelect
          size="xs"
          aria-label="Category"
          value={filter.category}
          onChange={(event) => onChange({ category: event.currentTarget.value as ItemFilter['category'] })}
          data={[
            { value: 'all', label: `All categories: ${counts.all}` },
            ...CATEGORIES.map((value) => ({ value, label: categoryLabel(value, counts) })),
          ]}
        />
      )}
      <div className="material__pair">
        <NativeSelect
          size="xs"
          aria-label="Split"
          value={filter.split}
          onChange={(event) => onChange({ split: event.currentTarget.value as ItemFilter['split'] })}
          data={[
            { value: 'all', label: 'Both splits' },
            { value: 'train', label: `Training: ${split.train}` },
            { value: 'test', label: `Held out: ${split.test}` },
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label="Origin"
          value={filter.origin}
          onChange={(event) => onChange({ origin: event.currentTarget.value as ItemFilter['origin'] })}
          data={[
            { value: 'all', label: 'All origins' },
            { value: 'ours', label: `Ours: ${origin.ours}` },
            ...(hasCategories ? [{ value: 'generated', label: `Generated: ${origin.generated}` }] : []),
            { value: 'own', label: `Own: ${origin.own}` },
          ]}
        />
      </div>
    </div>
  );
}
