import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lanAddresses, ownNames, provideCertificate } from './certificate.mjs';
import { createStaticServer, listen } from './serve.mjs';

const DAY_MS = 24 * 60 * 60_000;

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'duet-certificate-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string): string => path.join(folder, 'kept', name);

describe('provideCertificate', () => {
  const provide = (options: { names?: string[]; now?: Date } = {}) =>
    provideCertificate({ folder: path.join(folder, 'kept'), ...options });

  test('names this machine in every way and signs nothing else', async () => {
    const { cert } = await provide();
    const certificate = new X509Certificate(cert);
    for (const name of ['localhost', ...ownNames().filter((each) => /[a-z]/.test(each) && !each.includes(':'))])
      expect(certificate.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1', ...lanAddresses()]) expect(certificate.checkIP(address)).toBeDefined();
    expect(certificate.checkHost('example.org')).toBeUndefined();
    expect(certificate.ca).toBe(false);
  });

  test('is the same one the next time', async () => {
    const first = await provide();
    const second = await provide();
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    expect(second.sha256).toBe(first.sha256);
  });

  test('is made anew when the machine has another address, and not when one is gone', async () => {
    await provide({ names: ['localhost', '10.0.0.5', '10.0.0.6'] });
    expect((await provide({ names: ['localhost', '10.0.0.5'] })).isNew).toBe(false);
    const renewed = await provide({ names: ['localhost', '10.0.0.7'] });
    expect(renewed.isNew).toBe(true);
    expect(new X509Certificate(renewed.cert).checkIP('10.0.0.7')).toBe('10.0.0.7');
  });

  test('keeps its names when it is made anew, so that the way back needs no third one', async () => {
    const [home, room] = [
      ['localhost', '::1', 'laptop.local', '192.168.1.20'],
      ['localhost', '::1', 'laptop.local', '10.0.0.7'],
    ];
    await provide({ names: home });
    const inRoom = await provide({ names: room });
    expect(inRoom.isNew).toBe(true);
    for (let times = 0; times < 2; times++) {
      expect(await provide({ names: home })).toMatchObject({ isNew: false, sha256: inRoom.sha256 });
      expect(await provide({ names: room })).toMatchObject({ isNew: false, sha256: inRoom.sha256 });
    }
    expect(new X509Certificate(inRoom.cert).subjectAltName?.split(', ').toSorted()).toEqual([
      'DNS:laptop.local',
      'DNS:localhost',
      'IP Address:0:0:0:0:0:0:0:1',
      'IP Address:10.0.0.7',
      'IP Address:192.168.1.20',
    ]);
  });

  test('is made anew a month before it expires', async () => {
    const now = new Date('2027-01-01T12:00:00Z');
    const { validTo } = await provide({ now });
    expect((validTo.getTime() - now.getTime()) / DAY_MS).toBe(365);
    expect((await provide({ now: new Date(validTo.getTime() - 31 * DAY_MS) })).isNew).toBe(false);
    expect((await provide({ now: new Date(validTo.getTime() - 29 * DAY_MS) })).isNew).toBe(true);
  });

  test('is made anew when the key is another one, damaged, or the file none', async () => {
    const other = await provideCertificate({ folder: path.join(folder, 'other') });
    await provide();
    writeFileSync(inFolder('key.pem'), other.key);
    expect((await provide()).isNew).toBe(true);
    writeFileSync(inFolder('key.pem'), other.key.slice(0, other.key.length / 2));
    expect((await provide()).isNew).toBe(true);
    writeFileSync(inFolder('certificate.pem'), 'no certificate');
    expect((await provide()).isNew).toBe(true);
    writeFileSync(inFolder('key.pem'), '');
    expect((await provide()).isNew).toBe(true);
  });

  test('is the same one again in a network where it was made before', async () => {
    await provide({ names: ['localhost', '10.0.0.5', 'fd00::5'] });
    const room = await provide({ names: ['localhost', '192.168.1.20'] });
    const home = await provide({ names: ['localhost', '10.0.0.5', 'fd00::5'] });
    expect([room.isNew, home.isNew]).toEqual([true, false]);
    expect(home.sha256).toBe(room.sha256);
  });

  test.skipIf(process.platform === 'win32')('the key can be read by its owner only', async () => {
    // A folder that was there already, open to others.
    mkdirSync(path.dirname(inFolder('key.pem')), { mode: 0o755 });
    await provide();
    expect(
      [statSync(inFolder('key.pem')), statSync(path.dirname(inFolder('')))].map(({ mode }) => mode & 0o777),
    ).toEqual([0o600, 0o700]);
  });
});

test('the server speaks https with it: the same page with the same headers', async () => {
  writeFileSync(path.join(folder, 'index.html'), 'page');
  const certificate = await provideCertificate({ folder: path.join(folder, 'kept') });
  const server = createStaticServer(folder, certificate);
  const url = await listen(server, { port: 0, host: '0.0.0.0' });
  try {
    expect(url).toMatch(/^https:\/\/localhost:\d+\/$/);
    const address = new URL(url);
    address.hostname = '127.0.0.1';
    const answer = await new Promise<{ status: number | undefined; isolation: unknown; text: string }>(
      (resolve, reject) => {
        get(address, { ca: certificate.cert, agent: false }, (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (part: string) => (text += part));
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode,
              isolation: incoming.headers['cross-origin-embedder-policy'],
              text,
            }),
          );
        }).on('error', reject);
      },
    );
    expect(answer).toEqual({ status: 200, isolation: 'require-corp', text: 'page' });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
