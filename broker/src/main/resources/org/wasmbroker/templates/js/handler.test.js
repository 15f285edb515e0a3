// Unit tests, without a broker: node --test
import assert from "node:assert/strict";
import test from "node:test";
import handler from "./handler.js";

/** What the broker passes, as far as the handler uses it. */
const step = {
  error: (type, message, options) => Object.assign(new Error(message), { type, ...options }),
};

test("prices are added up in cents", async () => {
  const lines = [{ price: 0.1, quantity: 3 }, { price: 19.99, quantity: 1 }];

  assert.deepEqual(await handler({ config: {}, context: { lines } }, step), { total: 20.29, currency: "EUR" });
});

test("an order without lines is invalid", async () => {
  await assert.rejects(handler({ config: {}, context: {} }, step), { type: "invalid_order" });
});
