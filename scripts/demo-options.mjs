/** What `npm run demo` takes on its command line, and what it says in the terminal. */
import util from 'node:util';
import { ALL_INTERFACES, urlOf } from './serve.mjs';

const DEFAULT_PORT = 4173;
/** No other machine reaches them. */
const OWN_HOSTS = new Set(['localhost', '127.0.0.1', '::1']);

export const HELP = `Usage: npm run demo -- [options]

  --port N       port to listen on (default ${DEFAULT_PORT}; if that one is busy, the next free one)
  --host         listen on all networks of this machine, and print the addresses there
  --host NAME    listen on this name or address only (default localhost)
  --https        serve https with a certificate that this machine makes for itself: with it other machines have WebGPU
  --no-open      do not open the browser
  --help         this text

Other machines need --host --https: browsers give WebGPU to https and localhost only. docs/offline-and-lan.md says what
each browser asks then, and what else can be done.`;

/**
 * @typedef {{ port: number, isPortChosen: boolean, host: string, isSecure: boolean, isOpened: boolean, isHelp: boolean }} DemoOptions
 */

/**
 * @param {readonly string[]} args
 * @returns {DemoOptions}
 * @throws {Error} naming what is wrong, with the help below it
 */
export function readOptions(args) {
  try {
    const { values } = util.parseArgs({
      args: args.map((arg, index) => (isBareHost(args, index) ? `--host=${ALL_INTERFACES}` : arg)),
      options: {
        port: { type: 'string' },
        host: { type: 'string', default: 'localhost' },
        https: { type: 'boolean', default: false },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port ?? DEFAULT_PORT);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values.port} is not a port number.`);
    const { host, https: isSecure, help: isHelp } = values;
    return { port, isPortChosen: values.port !== undefined, host, isSecure, isOpened: !values['no-open'], isHelp };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, { cause: error });
  }
}

/** @type {(args: readonly string[], index: number) => boolean} */
function isBareHost(args, index) {
  const next = args[index + 1];
  return args[index] === '--host' && (next === undefined || next.startsWith('-'));
}

/**
 * What the terminal says when the server listens.
 *
 * @param {{ url: string, host: string, addresses: readonly string[], certificate?: import('./certificate.mjs').Certificate }} served
 *   url: the page's address on this machine; addresses: of this machine in its networks
 * @returns {string}
 */
export function describeServed({ url, host, addresses, certificate }) {
  const lines = [`Duet is at ${url} (Ctrl+C stops it)`];
  if (certificate === undefined && OWN_HOSTS.has(host)) return lines.join('\n');
  if (host === ALL_INTERFACES) lines.push(...networkLines(url, addresses));
  lines.push('', ...(certificate === undefined ? PLAIN_LINES : certificateLines(certificate)));
  return lines.join('\n');
}

/** @type {(url: string, addresses: readonly string[]) => string[]} */
function networkLines(url, addresses) {
  const { protocol, port } = new URL(url);
  if (addresses.length === 0) return ['This machine has no address in a network at the moment.'];
  return ['For other machines on the network:', ...addresses.map((each) => `  ${urlOf(protocol, each, Number(port))}`)];
}

const PLAIN_LINES = [
  'Over plain http other machines get the page and its recordings, but no WebGPU, and nothing is kept for use without a',
  'network: browsers give both only to secure contexts, which are https and localhost. For them start it with',
  '  npm run demo -- --host --https',
  'What can be done without a certificate (a tunnel to localhost, a flag of Chrome): docs/offline-and-lan.md',
];

/** @type {(certificate: import('./certificate.mjs').Certificate) => string[]} */
function certificateLines({ sha256, validTo, isNew }) {
  const age = isNew ? 'It is new, so every browser asks once.' : 'It is the one of last time.';
  return [
    `This machine made the certificate for itself. ${age} Where it is not known:`,
    '  Chrome, Edge  "Your connection is not private": Advanced, then Proceed (Edge: Continue) to ... (unsafe)',
    '  Firefox       "Warning: Potential Security Risk Ahead": Advanced, then Accept the Risk and Continue',
    '  Safari        "This Connection Is Not Private": Show Details, then visit this website',
    'To be sure that it is this machine, compare what the browser shows of the certificate:',
    `  SHA-256 ${sha256.slice(0, 48)}`,
    `          ${sha256.slice(48)}`,
    `  valid until ${validTo.toISOString().slice(0, 10)}`,
    'WebGPU works behind the warning, and models are kept. The page itself is not kept for use without a network, unless',
    'the certificate is made trusted on that machine: docs/offline-and-lan.md',
  ];
}
