import { Button } from '@mantine/core';
import { useDeferredValue, useMemo, useRef, useState, type DragEvent, type ReactElement } from 'react';
import { isChanged, type ItemDraft } from '@/state/material-form.ts';
import { MAX_OWN_ITEMS, type MaterialItem } from '@/state/material-lists.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { ExportMenu } from './export-menu.tsx';
import { FileButton } from '@/ui/file-button.tsx';
import { ItemDetail } from './item-detail.tsx';
import { countItems, filterItems, isFiltering, NO_FILTER } from './item-filter.ts';
import { ItemFilters } from './item-filters.tsx';
import { ItemForm } from './item-form.tsx';
import { ItemImport } from './item-import.tsx';
import { counted, type ItemKind } from './item-kinds.ts';
import { ItemList } from './item-list.tsx';
import { openFile, type OpenedFile } from './opened-file.ts';
import { OutcomeLine, type Outcome } from './outcome-line.tsx';
import { Confirmation } from '@/ui/confirmation.tsx';

interface ItemsTabProps<Item extends MaterialItem> {
  readonly kind: ItemKind<Item>;
  readonly onClose: () => void;
}

/** All items of a kind: to find, read, choose, write, and take in and out. */
export function ItemsTab<Item extends MaterialItem>({ kind, onClose }: ItemsTabProps<Item>): ReactElement {
  const all = useAppState(kind.all);
  const chosen = useAppState(kind.chosen);
  const events = useAppState(kind.events);
  const [filter, setFilter] = useState(NO_FILTER);
  const [selectedId, setSelectedId] = useState(chosen.id);
  const [file, setFile] = useState<OpenedFile | null>(null);
  const [isOver, setIsOver] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const toList = (): void => list.current?.focus();
  const show = (item: Item): void => {
    setSelectedId(item.id);
    if (filterItems([item], filter, kind).length === 0) setFilter(NO_FILTER);
  };
  const writing = useWriting(kind, setOutcome, show, toList);
  const counts = useMemo(() => countItems(all, kind), [all, kind]);
  const wanted = useDeferredValue(filter);
  const shown = useMemo(() => filterItems(all, wanted, kind), [all, wanted, kind]);
  const selected = shown.find(({ id }) => id === selectedId) ?? shown[0];

  const open = (chosenFile: File): void => {
    writing.leave(() => void openFile(chosenFile).then(setFile));
  };
  const select = (id: string): void =>
    writing.leave(() => {
      setFile(null);
      setSelectedId(id);
    });
  const drop = (event: DragEvent): void => {
    setIsOver(false);
    const [dropped] = event.dataTransfer.files;
    // Dropped text goes where it is dropped.
    if (dropped === undefined) return;
    event.preventDefault();
    open(dropped);
  };
  const remove = (item: Item): void => {
    const place = kind.own(writing.state()).findIndex(({ id }) => id === item.id);
    const removal = { item, place, wasChosen: chosen.id === item.id };
    events.removed([item.id]);
    toList();
    setOutcome({
      text: `“${kind.titleOf(item)}” was deleted.`,
      undo: () => {
        events.broughtBack(removal);
        show(item);
      },
    });
  };
  return (
    <div
      className="material__columns"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <div className="material__browse">
        <div className="material__actions">
          <Button onClick={() => writing.begin(null)}>New {kind.noun}</Button>
          <FileButton
            label="Import"
            name={`File of ${kind.nouns}`}
            accept=".jsonl,.ndjson,.json,.txt,application/jsonl"
            onFile={open}
          />
          <ExportMenu kind={kind} all={all} shown={shown} />
        </div>
        <ItemFilters
          kind={kind}
          filter={filter}
          counts={counts}
          hasCategories={kind.blank['category'] !== undefined}
          onChange={(change) => setFilter({ ...filter, ...change })}
        />
        <p className="material__note">{kind.heldOut}</p>
        <div className="material__count">
          <span role="status">
            {shown.length === all.length
              ? counted(kind, all.length)
              : `${shown.length.toLocaleString('en')} of ${counted(kind, all.length)}`}
          </span>
          {isFiltering(filter) && (
            <Button variant="subtle" size="compact-xs" color="ink" onClick={() => setFilter(NO_FILTER)}>
              Show all
            </Button>
          )}
        </div>
        <ItemList
          listRef={list}
          kind={kind}
          items={shown}
          selectedId={selected?.id}
          chosenId={chosen.id}
          onSelect={select}
        />
      </div>
      <div className="material__pane">
        <div className="material__scroll">
          {writing.question}
          <Pane
            kind={kind}
            file={file}
            draft={writing.draft}
            selected={selected}
            chosenId={chosen.id}
            all={all}
            onChoose={(id) => {
              events.chosen(id);
              onClose();
            }}
            onEdit={writing.begin}
            onDelete={remove}
            onDraft={events.draftChanged}
            onSave={writing.save}
            onCancel={() => writing.leave(() => undefined)}
            onAdd={(items) => {
              events.added(items);
              setFile(null);
              toList();
              setFilter(NO_FILTER);
              // The newest stands on top.
              const last = items.at(-1);
              if (last !== undefined) setSelectedId(last.id);
              setOutcome({
                text: `${counted(kind, items.length)} added.`,
                undo: () => events.removed(items.map(({ id }) => id)),
              });
            }}
            onLeaveFile={() => {
              setFile(null);
              toList();
            }}
          />
        </div>
        <OutcomeLine
          outcome={outcome}
          onUndone={() => {
            setOutcome(null);
            toList();
          }}
        />
      </div>
    </div>
  );
}

interface PaneProps<Item extends MaterialItem> {
  readonly kind: ItemKind<Item>;
  readonly file: OpenedFile | null;
  readonly draft: ItemDraft | null;
  readonly selected: Item | undefined;
  readonly chosenId: string;
  readonly all: readonly Item[];
  readonly onChoose: (id: string) => void;
  readonly onEdit: (item: Item) => void;
  readonly onDelete: (item: Item) => void;
  readonly onDraft: (draft: ItemDraft) => void;
  readonly onSave: (item: Item) => void;
  readonly onCancel: () => void;
  readonly onAdd: (items: readonly Item[]) => void;
  readonly onLeaveFile: () => void;
}

/** Beside the list: a form, a file, or what is selected. */
function Pane<Item extends MaterialItem>(props: PaneProps<Item>): ReactElement {
  const { kind, file, draft, selected, chosenId, all } = props;
  if (draft !== null) {
    return (
      <ItemForm
        key={draft.id ?? 'new'}
        kind={kind}
        title={draft.id === null ? `New ${kind.noun}` : `Edit the ${kind.noun}`}
        draft={draft}
        existing={all}
        onChange={props.onDraft}
        onSave={props.onSave}
        onCancel={props.onCancel}
      />
    );
  }
  if (file !== null) return <ItemImport kind={kind} file={file} onAdd={props.onAdd} onLeave={props.onLeaveFile} />;
  if (selected === undefined) return <p className="material__empty">{kind.empty} Change the search or show all.</p>;
  return (
    <ItemDetail
      key={selected.id}
      kind={kind}
      item={selected}
      isChosen={selected.id === chosenId}
      onChoose={() => props.onChoose(selected.id)}
      onEdit={() => props.onEdit(selected)}
      onDelete={() => props.onDelete(selected)}
    />
  );
}

interface Writing<Item extends MaterialItem> {
  readonly draft: ItemDraft | null;
  readonly question: ReactElement | null;
  readonly state: ReturnType<typeof useAppStore>['getState'];
  /** Null: a new item. */
  readonly begin: (item: Item | null) => void;
  readonly save: (item: Item) => void;
  /** Goes on once nothing that was written can be lost. */
  readonly leave: (goOn: () => void) => void;
}

/** The item that is being written. */
function useWriting<Item extends MaterialItem>(
  kind: ItemKind<Item>,
  report: (outcome: Outcome | null) => void,
  show: (item: Item) => void,
  /** Takes the keyboard when the form goes. */
  toList: () => void,
): Writing<Item> {
  const store = useAppStore();
  const draft = useAppState(kind.draft);
  const events = useAppState(kind.events);
  const [goingOn, setGoingOn] = useState<(() => void) | null>(null);
  const end = (): void => {
    if (draft !== null) toList();
    events.draftChanged(null);
    setGoingOn(null);
  };
  const leave = (goOn: () => void): void => {
    report(null);
    if (draft !== null && isChanged(draft)) {
      setGoingOn(() => goOn);
      return;
    }
    end();
    goOn();
  };
  return {
    draft,
    leave,
    state: store.getState,
    begin: (item) =>
      leave(() => {
        if (kind.own(store.getState()).length >= MAX_OWN_ITEMS && item?.origin !== 'own') {
          report({ text: `Duet keeps at most ${counted(kind, MAX_OWN_ITEMS)} of yours. Delete some first.` });
          return;
        }
        const fields = item === null ? kind.blank : kind.fieldsOf(item);
        const id = item === null || item.origin === 'ours' ? null : item.id;
        events.draftChanged({ id, first: fields, fields });
      }),
    save: (item) => {
      if (draft === null) return;
      if (draft.id === null) events.added([item]);
      else events.changed(item);
      show(item);
      end();
      const isMoved = item.split !== draft.fields['split'];
      report({
        text: isMoved
          ? `Saved as ${item.split === 'test' ? 'held out' : 'training'}, like the ones that it is close to.`
          : `“${kind.titleOf(item)}” was saved.`,
      });
    },
    question:
      goingOn === null ? null : (
        <Confirmation
          question={`What you wrote in this ${kind.noun} is not saved.`}
          yes="Discard it"
          no="Go on writing"
          onYes={() => {
            end();
            goingOn();
          }}
          onNo={() => setGoingOn(null)}
        />
      ),
  };
}
