// node translate.js BRYTHON MODULES <SDK: translates modules of Brython's standard library, and the SDK on standard input, to JavaScript; prints
// an object of them as JSON. So that nothing has to be translated in the sandbox but handlers.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const [brython, ...names] = process.argv.slice(2);
Math.random = () => 0.5; // names that the translator makes up must be the same in each build
globalThis.global = globalThis.self = globalThis;
globalThis.addEventListener = () => {};
const { __BRYTHON__: $B } = require(path.resolve(brython, "brython.js"));
globalThis.$B = $B;

const stored = fs.readFileSync(path.join(brython, "brython_stdlib.js"), "utf8");
new Function("__BRYTHON__", stored)($B);
$B.VFS.wasm_broker = [".py", fs.readFileSync(0, "utf8"), []];

const result = {};
for (const name of names) {
  if (!Object.hasOwn($B.VFS, name)) throw new Error(`Brython has no module ${name}`);
  const [kind, source, , isPackage] = $B.VFS[name];
  let code = source;
  if (kind === ".py") {
    const filename = `VFS.${name}${isPackage ? "/__init__.py" : ".py"}`;
    const module = $B.module.$factory(name);
    $B.module_setattr(module, "__file__", filename);
    $B.file_cache[filename] = source;
    $B.url2name[filename] = name;
    code = $B.py2js({ src: source, filename, imported: true }, module, name, $B.builtins_scope).to_js();
    // The columns of all expressions, which only a trace with the source would use.
    code = code.replace(/^ *frame\.positions = \[[^\\'"]*\]$/gm, "");
  }
  result[name] = { kind, code, isPackage: Boolean(isPackage) };
}
process.stdout.write(JSON.stringify(result));
