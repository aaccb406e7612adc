/** Addresses of servers, as they are typed into a form, and the keys that go with them. */

/** Parameters of an address that would be a key. */
const SECRET = /key|token|secret|password|auth|sig/i;

/** What is wrong with a server's address; undefined: nothing. */
export function problemOfUrl(url: string): string | undefined {
  if (url.trim() === '') return 'Where does the server listen?';
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol))
    return 'A whole address, such as http://localhost:11434/v1.';
  // The address is kept over a reload and is shown; a key must not be.
  const hasSecret = [...parsed.searchParams.keys()].some((name) => SECRET.test(name));
  if (parsed.username !== '' || parsed.password !== '' || hasSecret)
    return 'Without a name, password or key in it. A key has a field of its own.';
  return undefined;
}

/** Whom a key is for: it is sent nowhere else. Empty for an address that is none. */
export function originOfUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** The key after the address has changed: it goes with its server, and is forgotten at another one. */
export function keyAtUrl(key: string, from: string, to: string): string {
  return originOfUrl(from) === originOfUrl(to) ? key : '';
}

/** For a name on the screen; what is no address stands as it is. */
export function hostOfUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
