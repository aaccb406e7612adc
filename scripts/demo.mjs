/** Installs, builds, serves and opens the page: npm run demo. Needs nothing but Node; offline once installed. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { BUILD_FOLDERS, ensureBuilt, ensureInstalled, requireNode, ROOT } from './setup.mjs';
import { describeServed, HELP, readOptions } from './demo-options.mjs';
import { ALL_INTERFACES, closeOnInterrupt, createStaticServer, listen } from './serve.mjs';

const PORTS_TO_TRY = 20;

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
  const { port, isPortChosen, host, isSecure, isOpened, isHelp } = readOptions(process.argv.slice(2));
  if (isHelp) {
    console.log(HELP);
    return;
  }
  await ensureInstalled();
  await ensureBuilt('production');
  // What needs packages is there only now.
  const { lanAddresses, ownNames, provideCertificate } = await import('./certificate.mjs');
  const folder = path.join(ROOT, '.duet');
  const certificate = isSecure ? await provideCertificate({ folder, names: namesFor(host, ownNames()) }) : undefined;
  const server = createStaticServer(path.join(ROOT, BUILD_FOLDERS.production), certificate);
  const url = await listen(server, { port, host, tries: isPortChosen ? 1 : PORTS_TO_TRY });
  closeOnInterrupt(server);
  console.log(
    describeServed({ url, host, addresses: lanAddresses(), ...(certificate === undefined ? {} : { certificate }) }),
  );
  if (isOpened) openBrowser(url);
}

/** @type {(host: string, names: readonly string[]) => string[]} */
function namesFor(host, names) {
  return host === ALL_INTERFACES ? [...names] : [...new Set([...names, host])];
}

requireNode();
try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
