// Generates src/types.ts from the published JSON Schema; --check fails when it is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';

const SCHEMA = new URL(
  '../jupyter_canidothis/schemas/canidothis.schema.json',
  import.meta.url
);
const TARGET = new URL('src/types.ts', import.meta.url);
const BANNER = `/* eslint-disable */
/* Generated from jupyter_canidothis/schemas/canidothis.schema.json by "npm run types": do not edit. */`;

/** Drops what stands beside a reference (each would become a type of its own) and opens free objects. */
function plain(node) {
  if (Array.isArray(node)) {
    return node.map(plain);
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  if (typeof node.$ref === 'string') {
    return { $ref: node.$ref };
  }
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, plain(value)])
  );
  if (copy.type === 'object' && !copy.properties) {
    copy.additionalProperties ??= true;
  }
  return copy;
}

const published = JSON.parse(await readFile(SCHEMA, 'utf8'));
const definitions = plain(published.$defs);
const root = {
  title: 'Published',
  description: 'Every published noun, by name.',
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.keys(definitions).map(name => [name, { $ref: `#/$defs/${name}` }])
  ),
  $defs: definitions
};
const generated = await compile(root, 'Published', {
  additionalProperties: false,
  bannerComment: BANNER,
  format: true,
  ignoreMinAndMaxItems: true,
  style: { singleQuote: true, trailingComma: 'none' }
});

if (process.argv.includes('--check')) {
  const committed = await readFile(TARGET, 'utf8').catch(() => '');
  if (committed !== generated) {
    console.error('src/types.ts is stale: run "npm run types"');
    process.exit(1);
  }
} else {
  await writeFile(TARGET, generated);
}
