import { memo, type CSSProperties, type ReactElement } from 'react';
import { ActorMark } from '@/ui/actor.tsx';
import { colouredValue, strengthOf, type Colouring } from './token-scale.ts';
import type { SaidBlock, TrainedToken } from './said-tokens.ts';

const SPEAKER_NAMES = { agent1: 'Persona 1', agent2: 'Persona 2' } as const;

interface TokenTextProps {
  readonly blocks: readonly SaidBlock[];
  readonly colouring: Colouring;
  readonly limit: number;
}

/** The words of a dialogue, one element a trained token. It is drawn anew only when the colours are others. */
export const TokenText = memo(function TokenText({ blocks, colouring, limit }: TokenTextProps): ReactElement {
  const starts = startsOf(blocks);
  return (
    <>
      {blocks.map((block, index) => (
        // Utterances have no other name than their place.
        <article key={index} className="spoken" data-actor={block.role} data-trained={block.whyUntrained === null}>
          <header className="spoken__head">
            <ActorMark actor={block.role} />
            <strong>{block.kind === 'completion' ? 'Answer' : SPEAKER_NAMES[block.role]}</strong>
            <span>{block.kind === 'completion' ? `by ${SPEAKER_NAMES[block.role]}` : `turn ${block.turn}`}</span>
            <span className="spoken__note">{block.whyUntrained ?? `${block.tokens.length} tokens`}</span>
          </header>
          {block.numThoughts > 0 && (
            <p className="spoken__thoughts">The first {block.numThoughts} tokens are private thoughts.</p>
          )}
          <p className="spoken__text" dir="auto">
            {block.whyUntrained === null
              ? block.tokens.map((token, place) => tokenElement(token, (starts[index] ?? 0) + place, colouring, limit))
              : block.text}
          </p>
        </article>
      ))}
    </>
  );
});

function startsOf(blocks: readonly SaidBlock[]): number[] {
  let start = 0;
  return blocks.map(({ tokens }) => {
    const own = start;
    start += tokens.length;
    return own;
  });
}

/** A plain function: a component for each of thousands would cost more than it says. */
function tokenElement(token: TrainedToken, index: number, colouring: Colouring, limit: number): ReactElement {
  const value = token.isCounted ? colouredValue(token, colouring) : null;
  const strength = strengthOf(value, limit);
  const isPlain = strength === 0;
  return (
    <span
      key={index}
      className="tok"
      data-token={index}
      data-hue={isPlain ? undefined : hueOf(strength, colouring)}
      data-aim={colouring === 'both' && token.isCounted ? aimOf(token.advantage) : undefined}
      data-uncounted={token.isCounted ? undefined : true}
      data-sign={signOf(token)}
      style={isPlain ? undefined : strengthStyle(Math.abs(strength))}
    >
      {token.text}
    </span>
  );
}

function hueOf(strength: number, colouring: Colouring): 'up' | 'down' | 'ink' {
  if (colouring === 'entropy') return 'ink';
  return strength > 0 ? 'up' : 'down';
}

function aimOf(advantage: number): 'up' | 'down' | undefined {
  if (advantage === 0) return undefined;
  return advantage > 0 ? 'up' : 'down';
}

/** What has no width of its own gets a sign, so that it can be pointed at. */
function signOf({ text, isStop }: TrainedToken): 'stop' | 'part' | 'break' | undefined {
  if (text === '') return isStop ? 'stop' : 'part';
  return text.includes('\n') ? 'break' : undefined;
}

const styles = new Map<number, CSSProperties>();

/** Equal objects are the same object: there are a hundred of them, and thousands of tokens. */
function strengthStyle(strength: number): CSSProperties {
  const known = styles.get(strength) ?? ({ '--strength': strength } as CSSProperties);
  styles.set(strength, known);
  return known;
}
