// Runs the module without a broker: node test.mjs, after a build. The host is these few functions.
import { readFile } from "node:fs/promises";
import assert from "node:assert/strict";

const compiled = await WebAssembly.compile(await readFile("handler.wasm"));

async function run(document) {
  const input = new TextEncoder().encode(JSON.stringify(document));
  let memory, output;
  const bytes = (at, length) => new Uint8Array(memory.buffer, at, length);
  const instance = await WebAssembly.instantiate(compiled, {
    env: { abort() { throw new Error("aborted"); } },
    wasm_broker_v1: {
      read_input(at, capacity) {
        if (capacity >= input.length) bytes(at, input.length).set(input);
        return input.length;
      },
      write_output(at, length) { output = new TextDecoder().decode(bytes(at, length)); return 0; },
      log: () => 0,
      get_time: () => 0n,
      http_request: () => -5,
      read_secret: () => -5,
    },
  });
  memory = instance.exports.memory;
  assert.equal(instance.exports.run(), 0);
  return JSON.parse(output);
}

const order = { lines: [{ item: "tea", price_cents: 250, quantity: 2 }] };
assert.deepEqual(await run({ step: {}, config: { tax_percent: 19 }, context: order }),
  { status: "completed", result: { net_cents: 500, tax_cents: 95, total_cents: 595 } });
console.log("1 test passed");
