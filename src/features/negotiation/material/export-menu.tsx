import { Button, Popover } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactElement } from 'react';
import { writeMaterial } from '@/protocol/negotiation/material-jsonl.ts';
import type { MaterialItem } from '@/state/material-lists.ts';
import { saveText } from '@/ui/save-file.ts';
import type { ItemKind } from './item-kinds.ts';

interface ExportMenuProps<Item extends MaterialItem> {
  readonly kind: ItemKind<Item>;
  readonly all: readonly Item[];
  readonly shown: readonly Item[];
}

/** Saves items as JSONL. */
export function ExportMenu<Item extends MaterialItem>({ kind, all, shown }: ExportMenuProps<Item>): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const own = all.filter(({ origin }) => origin !== 'ours');
  const choices = [
    { name: 'all', label: 'All', items: all },
    { name: 'own', label: kind.noun === 'dilemma' ? 'Own and generated' : 'Own', items: own },
    { name: 'shown', label: 'Shown', items: shown },
  ];
  const save = (name: string, items: readonly Item[]): void => {
    saveText(`duet-${kind.nouns.replace(' ', '-')}-${name}.jsonl`, 'application/jsonl', writeMaterial(items));
    setIsOpen(false);
  };
  // Escape leaves the choice; the dialog around it stays open.
  const keys = {
    'data-mantine-stop-propagation': isOpen ? 'true' : undefined,
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setIsOpen(false);
    },
  };
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-start" trapFocus returnFocus withinPortal={false}>
      <Popover.Target>
        <Button variant="default" onClick={() => setIsOpen(!isOpen)} {...keys}>
          Export
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="material__export">
        {choices.map(({ name, label, items }) => (
          <Button
            key={name}
            variant="default"
            disabled={items.length === 0}
            onClick={() => save(name, items)}
            {...keys}
          >
            {label}: {items.length.toLocaleString('en')}
          </Button>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
