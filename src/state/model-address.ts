/** What was typed where a model is to come from: a repository, an address, or nothing that could be one. */

export type ModelAddress =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'repository';
      /** `owner/name`. */
      readonly repo: string;
      /** Branch, tag or commit; null: the main branch. */
      readonly revision: string | null;
    }
  /** Loaded as it stands: a file, or a folder of weights. */
  | { readonly kind: 'address'; readonly url: string }
  /** A sentence that says what is wrong, or what would be right. */
  | { readonly kind: 'problem'; readonly why: string };

const HOSTS: ReadonlySet<string> = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co']);
const FILE_VIEWS: ReadonlySet<string> = new Set(['blob', 'resolve', 'raw']);
/** As Hugging Face allows names: letters, digits, `-`, `_` and `.`, 96 at most. */
const NAME = /^\w[\w.-]{0,95}$/;
const HOW = 'Write owner/name, as in Qwen/Qwen3-0.6B-GGUF, or an address that begins with https://.';

/** Reads what was typed. Nothing is asked of the network. */
export function parseModelAddress(text: string): ModelAddress {
  const typed = text.trim();
  if (typed === '') return { kind: 'empty' };
  if (/\s/.test(typed)) return { kind: 'problem', why: `There is a space in it. ${HOW}` };
  // A path on the page's own server.
  if (/^\/[^/]/.test(typed)) return { kind: 'address', url: typed };
  if (/^https?:\/\//i.test(typed)) return addressOf(typed);
  const [host = ''] = typed.split('/');
  if (HOSTS.has(host.toLowerCase())) return addressOf(`https://${typed}`);
  const [owner, name, ...rest] = typed.replace(/^hf:/i, '').split('/');
  if (rest.length === 0 && isName(owner) && isName(name)) return repository(owner, name, null);
  return { kind: 'problem', why: HOW };
}

function isName(part: string | undefined): part is string {
  return part !== undefined && NAME.test(part) && !part.includes('..');
}

function repository(owner: string, name: string, revision: string | null): ModelAddress {
  return { kind: 'repository', repo: `${owner}/${name}`, revision };
}

function addressOf(typed: string): ModelAddress {
  if (!URL.canParse(typed)) return { kind: 'problem', why: `This is no whole address. ${HOW}` };
  const url = new URL(typed);
  if (url.username !== '' || url.password !== '')
    return { kind: 'problem', why: 'Leave out the name and password: they would be sent and shown with the address.' };
  return HOSTS.has(url.hostname) ? huggingFaceOf(url) : { kind: 'address', url: url.href };
}

function huggingFaceOf(url: URL): ModelAddress {
  const [owner, name, view, revision, ...path] = url.pathname.split('/').filter((part) => part !== '');
  if (owner === 'datasets' || owner === 'spaces')
    return { kind: 'problem', why: `This is one of Hugging Face’s ${owner}, not a model.` };
  if (!isName(owner) || !isName(name))
    return {
      kind: 'problem',
      why: 'The address names no repository: it goes on with the owner’s and the model’s name.',
    };
  if (view === undefined || revision === undefined) return repository(owner, name, null);
  const file = path.at(-1) ?? '';
  if (FILE_VIEWS.has(view) && file.toLowerCase().endsWith('.gguf'))
    return {
      kind: 'address',
      url: `https://huggingface.co/${owner}/${name}/resolve/${revision}/${path.join('/')}`,
    };
  return repository(owner, name, decodeRevision(revision));
}

/** A branch's name may have a slash, which an address spells %2F. */
function decodeRevision(revision: string): string {
  try {
    return decodeURIComponent(revision);
  } catch {
    return revision;
  }
}

/** What a GGUF file's name says of its tensor types: Q4_K_M. Null if nothing. */
export function quantizationOf(fileName: string): string | null {
  const match = /[-._](I?Q\d(?:_[A-Z0-9]+)*|BF16|F16|F32)(?:-\d{5}-of-\d{5})?\.gguf$/i.exec(fileName);
  return match?.[1]?.toUpperCase() ?? null;
}
