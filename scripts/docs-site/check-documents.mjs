/** What documents claim and this repository can say: links, anchors, pictures, paths, commands, functions of the page. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup.mjs';
import { codeOf, headingsOf, referencesOf } from './markdown.mjs';

/**
 * @typedef {Pick<import('./documents.mjs').Document, 'file' | 'source'>} Text
 *
 * @typedef {object} Facts
 * @property {readonly Text[]} documents  all of them, for anchors
 * @property {ReadonlySet<string>} functions  dotted names below `window.duet`
 * @property {ReadonlySet<string>} testFunctions  what `duet` of the module for tests has beside them
 */

/** @type {(file: string) => string} */
const read = (file) => readFileSync(path.join(ROOT, file), 'utf8');

/** @type {{ scripts: Record<string, string> }} */
const { scripts } = JSON.parse(read('package.json'));

/** @type {(file: string, href: string) => string} */
const resolved = (file, href) => path.posix.join(path.posix.dirname(file), decodeURI(href)).replace(/\/$/, '');

/** @type {(text: Text, facts: Facts) => string[]} */
function linkProblems({ file, source }, { documents }) {
  const { links, pictures } = referencesOf(source);
  /** @type {Map<string, Set<string>>} */
  const anchors = new Map();
  /** @type {(name: string) => Set<string>} */
  const anchorsOf = (name) => {
    const document = documents.find((one) => one.file === name);
    const found = anchors.get(name) ?? new Set(headingsOf(document?.source ?? '').map(({ id }) => id));
    anchors.set(name, found);
    return found;
  };
  const wrongLinks = links.flatMap((href) => {
    if (/^[a-z]+:/i.test(href)) return [];
    const [name = '', anchor] = href.split('#', 2);
    const target = name === '' ? file : resolved(file, name);
    const isThere = target === file || existsSync(path.join(ROOT, target));
    if (!isThere) return [`the link ${href} leads to no file`];
    if (anchor === undefined || anchorsOf(target).has(anchor)) return [];
    return [`the link ${href} leads to no heading of ${target}`];
  });
  const wrongPictures = pictures.flatMap((src) =>
    existsSync(path.join(ROOT, resolved(file, src))) ? [] : [`the picture ${src} is not there`],
  );
  return [...wrongLinks, ...wrongPictures];
}

/** Flags and program of a script of package.json. @type {(line: string) => string | undefined} */
const programOf = (line) => /\bnode (scripts\/[\w./-]+\.mjs)/.exec(line)?.[1];

/** Of npm and the tools that have no source here. */
const FOREIGN_PROGRAMS = ['vite', 'vitest', 'oxfmt', 'oxlint', 'tsc', 'knip', 'playwright'];

/** A program with the scripts that it imports, where its options may be read. @type {(program: string, seen?: Set<string>) => string} */
function sourceOf(program, seen = new Set()) {
  if (seen.has(program)) return '';
  seen.add(program);
  const source = read(program);
  const imports = [...source.matchAll(/(?:from|import\()\s*'(\.[^']+\.mjs)'/g)].map(([, name = '']) =>
    resolved(program, name),
  );
  return [source, ...imports.map((name) => sourceOf(name, seen))].join('\n');
}

/** @type {(program: string, flags: readonly string[]) => string[]} */
function flagProblems(program, flags) {
  const source = sourceOf(program);
  return flags.flatMap((flag) => {
    const name = flag.slice(2);
    const isRead = new RegExp(`['"]?\\b${name}['"]?: \\{\\s*type:|--${name}\\b`).test(source);
    return isRead ? [] : [`${program} has no option ${flag}`];
  });
}

/** @type {(words: readonly string[]) => string[]} */
const flagsIn = (words) => words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0] ?? word);

/** @type {() => string[]} */
const stagesOfTest = () => (/^Stages: ([\w, \n]+)\./m.exec(read('scripts/test.mjs'))?.[1] ?? '').split(/,\s*/);

/** @type {(words: readonly string[]) => string[]} */
function stageProblems(words) {
  return ['--only', '--from'].flatMap((flag) => {
    const at = words.indexOf(flag);
    const named = at === -1 ? [] : (words[at + 1] ?? '').split(',');
    return named.flatMap((stage) => (stagesOfTest().includes(stage) ? [] : [`npm test has no stage ${stage}`]));
  });
}

/** @type {(command: string) => string[]} */
function npmProblems(command) {
  const [, script = '', options = ''] = /^npm (?:run (?:-s )?)?(\S+) ?(.*)$/.exec(command) ?? [];
  const line = scripts[script];
  if (line === undefined) return [`npm run ${script} is not in package.json`];
  if (/^-(?!- )/.test(options)) return [`"${command}" needs -- in front of its options`];
  const words = options.split(/\s+/);
  const program = programOf(line);
  const wrongFlags = program === undefined ? [] : flagProblems(program, flagsIn(words));
  return script === 'test' ? [...wrongFlags, ...stageProblems(words)] : wrongFlags;
}

/** @type {(command: string) => string[]} */
function nodeProblems(command) {
  const [, program = ''] = /^node (\S+)/.exec(command) ?? [];
  if (!existsSync(path.join(ROOT, program))) return [`${program} is not there`];
  return flagProblems(program, flagsIn(command.split(/\s+/)));
}

/** @type {(command: string) => string[]} */
function npxProblems(command) {
  const [, tool = '', ...words] = command.split(/\s+/);
  if (!FOREIGN_PROGRAMS.includes(tool)) return [`npx ${tool}: no tool of this project`];
  const at = words.indexOf('--project');
  const configuration = tool === 'vitest' ? 'vite.config.ts' : 'e2e/playwright.config.ts';
  const project = words[at + 1] ?? '';
  const isKnown = at === -1 || new RegExp(`(?:name: |browserProject\\()'${project}'`).test(read(configuration));
  const paths = words.filter((word) => /^(?:src|e2e|scripts|docs)\//.test(word));
  return [
    ...(isKnown ? [] : [`${configuration} has no project ${project}`]),
    ...paths.flatMap((name) => (pathExists(name) ? [] : [`${name} is not there`])),
  ];
}

/** A path, or the beginning of the names of files, as Vitest takes it. @type {(name: string) => boolean} */
const pathExists = (name) =>
  existsSync(path.join(ROOT, name)) ||
  ['.ts', '.tsx', '.test.ts', '.gpu.test.ts', '.mjs'].some((end) => existsSync(path.join(ROOT, name + end)));

/** @type {Readonly<Record<string, (command: string) => string[]>>} */
const COMMANDS = { npm: npmProblems, node: nodeProblems, npx: npxProblems };

/** A line of a terminal: variables in front and comments behind are left out. @type {(line: string) => string} */
const commandOf = (line) =>
  line
    .replace(/\s#\s.*$/, '')
    .trim()
    .replace(/^\$ /, '')
    .replace(/^(?:[A-Z_]+=\S+ )+/, '');

/** Scripts of ours are `npm run NAME` and `npm test`. */
const NPM_ITSELF = /^npm (?!run |test\b)/;

/** @type {(text: Text) => string[]} */
function commandProblems({ source }) {
  const lines = codeOf(source).flatMap(({ language, text }) =>
    language === null || ['sh', 'bash', 'console', ''].includes(language) ? text.split('\n') : [],
  );
  return lines.map(commandOf).flatMap((command) => {
    const [program = ''] = command.split(' ', 1);
    // A name in a sentence, such as `npm`, is no command.
    if (!command.includes(' ') || NPM_ITSELF.test(command)) return [];
    return COMMANDS[program]?.(command) ?? [];
  });
}

const REPOSITORY_PATH = /^(?:src|scripts|docs|e2e|public|examples|scenarios|playwright)\/[\w./-]*\w\/?$/;

/** @type {(text: Text) => string[]} */
function pathProblems({ source }) {
  return codeOf(source).flatMap(({ language, text }) =>
    language === null && REPOSITORY_PATH.test(text) && !pathExists(text) ? [`${text} is not there`] : [],
  );
}

/** @type {(text: Text, facts: Facts) => string[]} */
function functionProblems({ source }, { functions, testFunctions }) {
  const isAboutTests = source.includes("'duet/playwright'");
  return codeOf(source).flatMap(({ language, text }) => {
    if (language !== null && !['js', 'ts', 'javascript', 'typescript'].includes(language)) return [];
    return [...text.matchAll(/(?<![\w/.-])duet\.((?:\w+\.)*\w+)/g)].flatMap(([, name = '']) =>
      functions.has(name) || (isAboutTests && testFunctions.has(name))
        ? []
        : [`duet.${name} is no function of window.duet`],
    );
  });
}

/**
 * @param {Text} text
 * @param {Facts} facts
 * @returns {string[]} what is wrong with one document, each in a sentence
 */
export function problemsOf(text, facts) {
  return [
    ...linkProblems(text, facts),
    ...commandProblems(text),
    ...pathProblems(text),
    ...functionProblems(text, facts),
  ].map((problem) => `${text.file}: ${problem}`);
}

/** Pictures that no document shows. @type {(documents: readonly Text[], pictures: readonly string[]) => string[]} */
export function unusedPictures(documents, pictures) {
  const used = new Set(
    documents.flatMap(({ file, source }) => referencesOf(source).pictures.map((src) => resolved(file, src))),
  );
  return pictures.filter((picture) => !used.has(picture));
}
