/** A certificate that this machine makes for itself, so that a page on its network has a secure context. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';

const DAY_MS = 24 * 60 * 60_000;
const VALID_DAYS = 365;
/** What is about to expire is made anew before a workshop, not during one. */
const RENEWED_BEFORE_DAYS = 30;

/**
 * @typedef {{ key: string, cert: string, sha256: string, validTo: Date, isNew: boolean }} Certificate  key and cert: PEM;
 *   sha256: as browsers show it, pairs of hex digits with colons between them
 */

/** @returns {string[]} IPv4 addresses of this machine in its networks */
export function lanAddresses() {
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}

/** @returns {string[]} every name and address by which this machine is called */
export function ownNames() {
  const name = hostname().toLowerCase();
  const names = ['localhost', '127.0.0.1', '::1', name, name.includes('.') ? name : `${name}.local`, ...lanAddresses()];
  // Names that no address can have, such as "My Laptop", stand in no certificate.
  return [...new Set(names)].filter((each) => isIP(each) !== 0 || /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(each));
}

/**
 * The certificate that is kept in a folder; a new one where there is none, where it is about to expire, or where it
 * lacks a name. The same one as long as possible: who has accepted it is not asked again. A new one has the old one's
 * names too, so that a machine that goes from network to network and back needs no third.
 *
 * @param {{ folder: string, names?: readonly string[], now?: Date }} options
 * @returns {Promise<Certificate>}
 */
export async function provideCertificate({ folder, names = ownNames(), now = new Date() }) {
  const files = { key: path.join(folder, 'key.pem'), cert: path.join(folder, 'certificate.pem') };
  const kept = readKept(files);
  if (kept !== undefined && isGood(kept, names, now)) return { ...kept, isNew: false };
  const made = await make([...new Set([...names, ...(kept === undefined ? [] : namesOf(kept.cert))])], now);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // One that was there already may be open to others.
  chmodSync(folder, 0o700);
  writePrivately(files.key, made.key);
  writePrivately(files.cert, made.cert);
  return { ...made, isNew: true };
}

/** @type {(files: { key: string, cert: string }) => Omit<Certificate, 'isNew'> | undefined} */
function readKept(files) {
  try {
    const key = readFileSync(files.key, 'utf8');
    const cert = readFileSync(files.cert, 'utf8');
    // A damaged key is none.
    createPrivateKey(key);
    return describe(key, cert);
  } catch {
    return undefined;
  }
}

/** @type {(key: string, cert: string) => Omit<Certificate, 'isNew'>} */
function describe(key, cert) {
  const { fingerprint256, validTo } = new X509Certificate(cert);
  return { key, cert, sha256: fingerprint256, validTo: new Date(validTo) };
}

/** @type {(kept: Omit<Certificate, 'isNew'>, names: readonly string[], now: Date) => boolean} */
function isGood({ key, cert, validTo }, names, now) {
  const certificate = new X509Certificate(cert);
  const isForKey = certificate.checkPrivateKey(createPrivateKey(key));
  const isLasting = validTo.getTime() - now.getTime() > RENEWED_BEFORE_DAYS * DAY_MS;
  const hasBegun = new Date(certificate.validFrom).getTime() <= now.getTime();
  return isForKey && isLasting && hasBegun && names.every((name) => isNamedIn(certificate, name));
}

/** @type {(certificate: X509Certificate, name: string) => boolean} */
function isNamedIn(certificate, name) {
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return found !== undefined;
}

/** What a certificate of ours is for, written as `ownNames` does. @type {(cert: string) => string[]} */
function namesOf(cert) {
  const { subjectAltName = '' } = new X509Certificate(cert);
  return subjectAltName
    .split(', ')
    .flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? [])
    .map((name) => (isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name));
}

/** @type {(names: readonly string[], now: Date) => Promise<Omit<Certificate, 'isNew'>>} */
async function make(names, now) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'Duet on this machine' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    // A clock of another machine may be a little late.
    notBeforeDate: new Date(now.getTime() - DAY_MS),
    notAfterDate: new Date(now.getTime() + VALID_DAYS * DAY_MS),
    extensions: [
      // It can sign no other certificate: whoever trusts it trusts this machine only.
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  return describe(key, cert);
}

/** Readable by its owner only, from its first byte on. @type {(file: string, text: string) => void} */
function writePrivately(file, text) {
  const next = `${file}.new`;
  writeFileSync(next, text, { mode: 0o600 });
  chmodSync(next, 0o600);
  renameSync(next, file);
}
