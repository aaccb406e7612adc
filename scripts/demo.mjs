/** Installs, builds, serves and opens the page: npm run demo. Needs nothing but Node; offline once installed. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import util from 'node:util';
import { BUILD_FOLDERS, ensureBuilt, ensureInstalled, requireNode, ROOT } from './setup.mjs';

const DEFAULT_PORT = 4173;
const PORTS_TO_TRY = 20;

const HELP = `Usage: npm run demo -- [options]

  --port N      port to listen on (default ${DEFAULT_PORT}; if that one is busy, the next free one)
  --host NAME   address to listen on (default localhost; WebGPU needs localhost or https)
  --no-open     do not open the browser
  --help        this text`;

function readOptions() {
  try {
    const { values } = util.parseArgs({
      options: {
        port: { type: 'string' },
        host: { type: 'string', default: 'localhost' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port ?? DEFAULT_PORT);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values.port} is not a port number.`);
    return { ...values, port, isPortChosen: values.port !== undefined };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, { cause: error });
  }
}

/** @type {(url: string) => void} */
function openBrowser(url) {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.once('error', () => console.log('No browser could be opened; open the address by hand.'));
  child.unref();
}

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return;
  }
  await ensureInstalled();
  await ensureBuilt('production');
  const { closeOnInterrupt, createStaticServer, listen } = await import('./serve.mjs');
  const server = createStaticServer(path.join(ROOT, BUILD_FOLDERS.production));
  const tries = options.isPortChosen ? 1 : PORTS_TO_TRY;
  const url = await listen(server, { port: options.port, host: options.host, tries });
  closeOnInterrupt(server);
  console.log(`Duet is at ${url} (Ctrl+C stops it)`);
  if (!options['no-open']) openBrowser(url);
}

requireNode();
try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
