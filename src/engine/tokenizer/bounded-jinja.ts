/**
 * Jinja templates out of files of strangers. The library's interpreter runs whatever they say, for ever if they say so;
 * here the work of a rendering, and what lies in memory for it, have an end, which does not depend on a clock.
 */
import { Environment, Interpreter, Template } from '@huggingface/jinja';

/** A choice: the longest templates in use have some 30,000 characters. */
const MAX_TEMPLATE_CHARACTERS = 200_000;
/** A choice. For such a run the library's lexer takes time in proportion to its square. */
const MAX_BLANKS = 1000;
/** A choice: items that one value may have, beside those that were handed over. Some filters take the square of it. */
const MAX_ITEMS = 20_000;
/** Characters of a text that count as much as one item of a list. */
const CHARACTERS_PER_ITEM = 50;
/** Items that count as much as one evaluated node. */
const ITEMS_PER_STEP = 100;
/** A choice: nodes to evaluate and rounds of loops. Templates in use take some hundred, and about as many a message. */
const MAX_STEPS = 50_000;
/** A message is three items at least. */
const STEPS_PER_ITEM = 200;

type Statement = Parameters<Interpreter['evaluate']>[0];
type RuntimeValue = ReturnType<Interpreter['evaluate']>;

/** The template asks for more than a rendering may take. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';
}

export class BoundedTemplate {
  readonly #template: Template;
  readonly #source: string;

  /** @throws {Error} the library's own, or 'TooMuchWork' */
  constructor(source: string) {
    if (source.length > MAX_TEMPLATE_CHARACTERS)
      throw new TooMuchWork(`it has ${source.length} characters, and at most ${MAX_TEMPLATE_CHARACTERS} are read`);
    if (new RegExp(`\\s{${MAX_BLANKS + 1}}`).test(source))
      throw new TooMuchWork(`it has more than ${MAX_BLANKS} blanks in a row`);
    this.#source = source;
    this.#template = new Template(source);
  }

  /** @throws {Error} the library's own, the template's, or 'TooMuchWork' */
  render(variables: Readonly<Record<string, unknown>>): string {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...GLOBALS, ...variables })) environment.set(name, value);
    const numGiven = Object.keys(variables).reduce(
      (sum, name) => sum + numItemsIn(environment.lookupVariable(name), Infinity),
      0,
    );
    const interpreter = new BoundedInterpreter(environment, numGiven, this.#source.length);
    // A program's value is its text.
    return interpreter.run(this.#template.parsed).value as string;
  }
}

class BoundedInterpreter extends Interpreter {
  readonly #maxItems: number;
  readonly #stepsPerMacro: number;
  /** What loops go over. */
  readonly #iterables = new Set<Statement>();
  #stepsLeft: number;

  constructor(environment: Environment, numGiven: number, sourceLength: number) {
    super(environment);
    this.#maxItems = MAX_ITEMS + 4 * numGiven;
    this.#stepsLeft = MAX_STEPS + STEPS_PER_ITEM * numGiven;
    // The library walks through the body of a macro wherever it is defined.
    this.#stepsPerMacro = 1 + sourceLength / ITEMS_PER_STEP;
  }

  override evaluate(statement: Statement, environment: Environment): RuntimeValue {
    this.#spend(statement?.type === 'Macro' || statement?.type === 'CallStatement' ? this.#stepsPerMacro : 1);
    if (statement?.type === 'For') this.#iterables.add(iterableOf(statement));
    const value = super.evaluate(statement, environment);
    const numItems = numItemsIn(value, this.#maxItems);
    // A round of a loop is work, even of an empty one.
    this.#spend(this.#iterables.has(statement) ? numItems : numItems / ITEMS_PER_STEP);
    return value;
  }

  #spend(numSteps: number): void {
    this.#stepsLeft -= numSteps;
    if (this.#stepsLeft < 0) throw new TooMuchWork('it takes more steps than a template may');
  }
}

/** Of `for x in xs`, and of `for x in xs if test`. */
function iterableOf(loop: object): Statement {
  const { iterable } = loop as { readonly iterable: NonNullable<Statement> & { readonly lhs?: Statement } };
  return iterable.type === 'SelectExpression' ? iterable.lhs : iterable;
}

/**
 * Items of a value, those of its parts included, as often as they occur: a list that holds itself twice, and so on, is
 * small in memory and endless when it is written out.
 *
 * @throws {TooMuchWork} above `limit`
 */
function numItemsIn(root: { readonly value: unknown }, limit: number): number {
  let numItems = 0;
  const rest: { readonly value: unknown }[] = [root];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value } = next;
    numItems += typeof value === 'string' ? 1 + value.length / CHARACTERS_PER_ITEM : 1;
    const parts: Iterable<{ readonly value: unknown }> = partsOf(value);
    for (const part of parts) {
      rest.push(part);
      if (numItems + rest.length > limit) break;
    }
    if (numItems + rest.length > limit)
      throw new TooMuchWork('it makes a text or a list that is longer than a template may');
  }
  return numItems;
}

function partsOf(value: unknown): Iterable<{ readonly value: unknown }> {
  if (Array.isArray(value)) return value as { readonly value: unknown }[];
  return value instanceof Map ? (value as Map<string, { readonly value: unknown }>).values() : [];
}

/** As the library has them, except that `range` makes no list that is too long. */
const GLOBALS: Readonly<Record<string, unknown>> = {
  false: false,
  true: true,
  none: null,
  False: false,
  True: true,
  None: null,
  raise_exception: (message: unknown): never => {
    throw new Error(String(message));
  },
  range: boundedRange,
  // The library keeps its own to itself.
  strftime_now: (format: unknown) => new Template('{{ strftime_now(format) }}').render({ format }),
};

function boundedRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new Error('range() step must not be zero');
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= MAX_ITEMS)) throw new TooMuchWork(`range() would make ${count} numbers, and ${MAX_ITEMS} are enough`);
  return Array.from({ length: count }, (_, i) => start + i * step);
}
