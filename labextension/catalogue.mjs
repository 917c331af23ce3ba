// Checks that every string of src and of the settings has its French words, with the same places for values, and no other has.
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import ts from 'typescript';

const SOURCE = new URL('src/', import.meta.url).pathname;
const FRENCH = new URL(
  '../jupyter_canidothis/locale/fr_FR/LC_MESSAGES/jupyter_canidothis.json',
  import.meta.url
);
const SCHEMA = new URL('schema/plugin.json', import.meta.url);
/** The keys of a schema that hold words. */
const WORDED = ['title', 'description', 'jupyter.lab.setting-icon-label'];
/** The calls that translate, and how many of their first arguments are strings. */
const CALLS = { __: 1, _n: 2 };

async function sources() {
  const files = await readdir(SOURCE, { recursive: true });
  return files.filter(
    file =>
      ['.ts', '.tsx'].includes(extname(file)) && !file.startsWith('__tests__')
  );
}

/** The strings of one file, each with its plural or null. */
function* stringsOf(node, file) {
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression)
  ) {
    const name = node.expression.name.text;
    if (Object.hasOwn(CALLS, name)) {
      const given = node.arguments.slice(0, CALLS[name]);
      if (!given.every(ts.isStringLiteralLike)) {
        throw new Error(`${file}: ${node.getText()} has no plain string`);
      }
      const [text, plural = null] = given.map(argument => argument.text);
      yield { text, plural };
    }
  }
  const children = [];
  node.forEachChild(child => void children.push(child));
  for (const child of children) {
    yield* stringsOf(child, file);
  }
}

/** The words of a part of a schema, after the context in which JupyterLab looks them up. */
function* wordsOf(part, context = 'schema') {
  for (const [key, value] of Object.entries(part)) {
    if (WORDED.includes(key) && typeof value === 'string') {
      yield `${key.includes('.') ? 'settings' : context}\u0004${value}`;
    } else if (typeof value === 'object' && value !== null) {
      yield* wordsOf(value, 'settings');
    }
  }
}

async function extract() {
  const found = new Map();
  for (const text of wordsOf(JSON.parse(await readFile(SCHEMA, 'utf8')))) {
    found.set(text, null);
  }
  for (const file of await sources()) {
    const text = await readFile(join(SOURCE, file), 'utf8');
    const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
    const tree = ts.createSourceFile(
      file,
      text,
      ts.ScriptTarget.Latest,
      true,
      kind
    );
    for (const { text, plural } of stringsOf(tree, file)) {
      found.set(text, plural ?? found.get(text) ?? null);
    }
  }
  return found;
}

const places = text => [...text.matchAll(/%\d/g)].map(String).sort().join();

function faultOf(text, plural, words) {
  const forms = plural === null ? 1 : 2;
  if (!Array.isArray(words) || words.length !== forms || words.includes('')) {
    return `needs ${forms} French form(s): ${text}`;
  }
  return words.every(form => places(form) === places(text))
    ? null
    : `has other places for values in French: ${text}`;
}

const strings = await extract();
if (process.argv.includes('--list')) {
  console.log(JSON.stringify(Object.fromEntries(strings), null, 4));
} else {
  const { '': header, ...french } = JSON.parse(await readFile(FRENCH, 'utf8'));
  const faults = [
    header?.language === 'fr-FR' ? null : 'the header names no language',
    ...[...strings].map(([text, plural]) =>
      faultOf(text, plural, french[text])
    ),
    ...Object.keys(french)
      .filter(text => !strings.has(text))
      .map(text => `is in no source file any more: ${text}`)
  ].filter(fault => fault !== null);
  faults.forEach(fault => console.error(fault));
  process.exitCode = faults.length > 0 ? 1 : 0;
}
