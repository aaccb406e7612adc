/** A scenario as it is handed on: its own check, and nothing in it that belongs to one person. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import { problemOfUrl } from '../server-url.ts';

interface Address {
  readonly field: string;
  readonly address: string;
}

/**
 * @throws {Failure} 'invalidConfig' naming the field: also for a key, or for an address with a key in it
 */
export function checkSharedScenario(value: unknown): void {
  checkScenario(value);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was just checked
  const scenario = value as WrittenScenario;
  for (const [field, server] of serversOf(scenario))
    if ('apiKey' in server) throw refusal(`${field}.apiKey`, 'a key is never handed on. Leave it out');
  for (const { field, address } of addressesOf(scenario)) {
    const problem = problemOfAddress(address);
    if (problem !== undefined) throw refusal(field, problem.replace(/[.?]$/, ''));
  }
}

/** Whether it names a model at an address that neither the catalogue nor Hugging Face nor the page's server has. */
export function namesAddress(scenario: WrittenScenario): boolean {
  return addressesOf(scenario).some(({ address }) => /^([a-z]+:)?\/\//i.test(address));
}

function addressesOf(scenario: WrittenScenario): readonly Address[] {
  const { model, inputs } = scenario;
  return [
    ...(model === undefined ? [] : [{ field: 'model.source', address: model.source }]),
    ...('actions' in inputs ? inputs.actions : []).flatMap((action, i) =>
      action.do === 'load' && action.source !== undefined
        ? [{ field: `inputs.actions.${i}.source`, address: action.source }]
        : [],
    ),
    ...serversOf(scenario).map(([field, { url }]) => ({ field: `${field}.url`, address: url })),
  ];
}

/** Who answers or judges from elsewhere. */
function serversOf({ inputs }: WrittenScenario): readonly (readonly [string, { readonly url: string }])[] {
  return Object.entries(inputs).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && 'url' in value && typeof value.url === 'string'
      ? [[`inputs.${name}`, { ...value, url: value.url }] as const]
      : [],
  );
}

function problemOfAddress(address: string): string | undefined {
  // An id of the catalogue, or a repository of Hugging Face.
  if (/^(hf:)?[\w./-]+$/.test(address) && !address.startsWith('/')) return undefined;
  const here = 'http://page.invalid';
  return problemOfUrl(URL.canParse(address, here) ? new URL(address, here).href : address);
}

function refusal(field: string, message: string): Failure<FailureCode> {
  return new Failure('invalidConfig', `The field ${field}: ${message}.`, { field });
}
