// Makes a component of a script: node build.mjs SCRIPT WIT_DIRECTORY WORLD OUT

import { readFile, writeFile } from 'node:fs/promises';
import { componentize } from '@bytecodealliance/componentize-js';

const [script, witPath, worldName, out] = process.argv.slice(2);

// A handler logs and sends by the broker's own interfaces. `stdio` would import wasi:filesystem, too.
const { component } = await componentize(await readFile(script, 'utf8'), {
  witPath,
  worldName,
  disableFeatures: ['stdio', 'http', 'fetch-event'],
});
await writeFile(out, component);
