/**
 * What stands behind `#` in the page's address: `#/panel/page?name=value&...`. Nothing behind `#` is sent to a server.
 */
export interface PageAddress {
  /** Parts of the path, such as ['negotiation', 'training']; empty at the start page. */
  readonly path: readonly string[];
  readonly params: Readonly<Record<string, string>>;
}

/** What the address of a presenter view has behind its path. */
export const PRESENTER_PARAMS = { view: 'presenter' } as const;

/** Whether the address asks for the presenter view; not every panel has one. */
export function asksForPresenter({ params }: PageAddress): boolean {
  return params['view'] === PRESENTER_PARAMS.view;
}

/** Reads any text; what is no address is the start page. @param hash  with or without `#` */
export function readPageAddress(hash: string): PageAddress {
  const [, path = '', query = ''] = /^#?\/([^?]*)(?:\?(.*))?$/s.exec(hash) ?? [];
  return {
    path: path.split('/').filter((part) => part !== ''),
    params: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** @returns with `#`, so that it can stand in a link */
export function writePageAddress({ path, params }: PageAddress): string {
  const query = new URLSearchParams(params).toString();
  return `#/${path.join('/')}${query === '' ? '' : `?${query}`}`;
}
