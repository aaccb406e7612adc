import { useEffect, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import { formatBytes } from '@/ui/format.ts';

/** What is loaded now, and which panel it lacks something for. */
export function LoadedModel({ info }: { readonly info: ModelInfo }): ReactElement {
  const lacks = useLacks(info);
  const facts = [
    typesText(info),
    formatBytes(info.fileBytes),
    `context ${info.contextLength.toLocaleString('en')} as ${info.kvType}`,
    info.hasThinkTokens ? 'thinks' : null,
    info.license,
  ].filter((fact) => fact !== null);
  return (
    <div className="chooser__now">
      <p>
        Loaded: <strong dir="auto">{info.name}</strong> <span>{facts.join(' · ')}</span>
      </p>
      {lacks.map((lack) => (
        <p key={lack} className="chooser__lack">
          {lack}
        </p>
      ))}
    </div>
  );
}

/** The type of most tensors that are quantised, else of most. */
function typesText({ tensorTypes, format }: ModelInfo): string {
  const byCount = Object.entries(tensorTypes).toSorted(([, a], [, b]) => b - a);
  const type = byCount.find(([name]) => name !== 'F32')?.[0] ?? byCount[0]?.[0] ?? '';
  return [format === 'gguf' ? '' : format, type].filter((part) => part !== '').join(' ');
}

function useLacks(info: ModelInfo): readonly string[] {
  const duet = useDuet();
  const [found, setFound] = useState<{ readonly info: ModelInfo; readonly lacks: readonly string[] } | null>(null);
  useEffect(() => {
    let isWanted = true;
    lacksOf(duet, info).then(
      (lacks) => {
        if (isWanted) setFound({ info, lacks });
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [duet, info]);
  return found?.info === info ? found.lacks : [];
}

/** A token of its own stands for itself; otherwise the text falls into several. */
async function lacksOf(duet: DuetApi, info: ModelInfo): Promise<string[]> {
  const turns = await Promise.all(
    ['<|im_start|>', '<|im_end|>'].map((token) => duet.tokenize(token, { parseSpecial: true })),
  );
  const lacks: string[] = [];
  if (turns.some((ids) => ids.length !== 1))
    lacks.push('It has no ChatML turns (<|im_start|>, <|im_end|>): the Thinking panel cannot use it.');
  if (!info.hasChatTemplate) lacks.push('It has no chat template: it was not made for conversations.');
  return lacks;
}
