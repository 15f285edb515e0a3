import type { Step, StepDocument } from "../wasm-broker.js";

interface Config {
  currency?: string;
}

interface Order {
  lines?: { price: number; quantity: number }[];
}

// Runs once for each configuration, not for each step: what is set up here, all steps find as it was left.
const CENTS = 100;

/** Adds up the lines of an order. */
export default async function handler(input: StepDocument<Config, Order>, step: Step) {
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
