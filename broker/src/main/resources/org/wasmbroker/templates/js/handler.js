// @ts-check
// Runs once for each configuration, not for each step: what is set up here, all steps find as it was left.
const CENTS = 100;

/**
 * Adds up the lines of an order.
 *
 * @param {import("./wasm-broker.js").StepDocument} input
 * @param {import("./wasm-broker.js").Step} step
 */
export default async function handler(input, step) {
  const lines = input.context?.lines;
  if (!Array.isArray(lines)) {
    throw step.error("invalid_order", "the context has no array 'lines'");
  }
  let cents = 0;
  for (const [i, line] of lines.entries()) {
    if (!(line.quantity > 0)) {
      throw step.error("invalid_order", `line ${i} has no quantity`, { context: { line: i } });
    }
    cents += Math.round(line.price * CENTS) * line.quantity;
  }
  console.log(`added up ${lines.length} lines`);
  return { total: cents / CENTS, currency: input.config.currency ?? "EUR" };
}
