import { describe, expect, test } from 'vitest';
import { describeServed, readOptions } from './demo-options.mjs';

describe('readOptions', () => {
  test.each([
    [[], { host: 'localhost', port: 4173, isPortChosen: false, isSecure: false, isOpened: true }],
    [['--host'], { host: '0.0.0.0' }],
    [['--host', '--https'], { host: '0.0.0.0', isSecure: true }],
    [['--host', '10.0.0.5', '--port', '8080'], { host: '10.0.0.5', port: 8080, isPortChosen: true }],
    [['--host=duet.local', '--no-open'], { host: 'duet.local', isOpened: false }],
    [['--help'], { isHelp: true }],
  ])('%j', (args, expected) => expect(readOptions(args)).toMatchObject(expected));

  test.each([
    [['--port', 'eighty'], 'eighty is not a port number.'],
    [['--port', '70000'], '70000 is not a port number.'],
    [['--bogus'], '--bogus'],
    [['page'], 'page'],
  ])('%j is refused with the help', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
    expect(() => readOptions(args)).toThrow('Usage: npm run demo');
  });
});

describe('describeServed', () => {
  const addresses = ['192.168.1.20', '10.0.0.5'];

  test('on this machine only the address', () => {
    expect(describeServed({ url: 'http://localhost:4173/', host: 'localhost', addresses })).toBe(
      'Duet is at http://localhost:4173/ (Ctrl+C stops it)',
    );
  });

  test('in a network each address, and what is missing over plain http', () => {
    const text = describeServed({ url: 'http://localhost:4180/', host: '0.0.0.0', addresses });
    expect(text).toContain('  http://192.168.1.20:4180/\n  http://10.0.0.5:4180/');
    expect(text).toMatch(/no WebGPU/);
    expect(text).toContain('npm run demo -- --host --https');
  });

  test('over https what each browser asks, and how to know the certificate', () => {
    const sha256 = Array.from({ length: 32 }, () => 'AB').join(':');
    const certificate = { key: '', cert: '', sha256, validTo: new Date('2027-11-27T07:00:00Z'), isNew: true };
    const text = describeServed({ url: 'https://localhost:4173/', host: '0.0.0.0', addresses, certificate });
    expect(text).toContain('  https://10.0.0.5:4173/');
    for (const browser of ['Chrome, Edge', 'Firefox', 'Safari']) expect(text).toContain(browser);
    expect(text.replaceAll(/\s+/g, '')).toContain(`SHA-256${sha256}`);
    expect(text).toContain('valid until 2027-11-27');
  });

  test('a machine without a network is told so', () => {
    expect(describeServed({ url: 'http://localhost:4173/', host: '0.0.0.0', addresses: [] })).toContain(
      'no address in a network',
    );
  });

  test('no line is wider than a terminal of 120 columns', () => {
    const certificate = { key: '', cert: '', sha256: 'AB', validTo: new Date(0), isNew: true };
    for (const made of [{}, { certificate }])
      for (const line of describeServed({ url: 'https://localhost:4173/', host: '0.0.0.0', addresses, ...made }).split(
        '\n',
      ))
        expect(line.length).toBeLessThanOrEqual(120);
  });
});
