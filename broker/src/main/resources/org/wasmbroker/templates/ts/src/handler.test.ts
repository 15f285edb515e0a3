// Unit tests, without a broker: npm test
import assert from "node:assert/strict";
import test from "node:test";
import type { Step, StepDocument } from "../wasm-broker.js";
import handler from "./handler.js";

/** What the broker passes, as far as the handler uses it. */
const step = {
  error: (type: string, message: string, options?: object) => Object.assign(new Error(message), { type, ...options }),
} as Step;

const document = (context: object) => ({ config: {}, context }) as StepDocument;

test("prices are added up in cents", async () => {
  const lines = [{ price: 0.1, quantity: 3 }, { price: 19.99, quantity: 1 }];

  assert.deepEqual(await handler(document({ lines }), step), { total: 20.29, currency: "EUR" });
});

test("an order without lines is invalid", async () => {
  await assert.rejects(handler(document({}), step), { type: "invalid_order" });
});
