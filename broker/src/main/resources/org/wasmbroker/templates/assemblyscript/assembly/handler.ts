// The total of an order: prices times quantities, and the tax on them.

import { Failure, JsonWriter, Level, Outcome, Step, log, serve } from "./wasm-broker";

const MAX_CENTS: i64 = 1_000_000_000_000;

function handle(step: Step): Outcome {
  const lines = step.context.member("lines").elements();
  if (lines.length == 0) return new Failure("no_lines", "the order has no lines").outcome();
  let net: i64 = 0;
  for (let i = 0; i < lines.length; i++) {
    const price = lines[i].member("price_cents").integer(-1), quantity = lines[i].member("quantity").integer(-1);
    if (price < 0 || quantity < 0) return new Failure("invalid_input", "a line needs price_cents and quantity").outcome();
    if (quantity > 0 && price > (MAX_CENTS - net) / quantity) {
      return new Failure("too_much", "the total is too large at '" + lines[i].member("item").text + "'").outcome();
    }
    net += price * quantity;
  }
  const tax = net * step.config.member("tax_percent").integer(0) / 100;
  log(Level.Info, "lines added up: " + lines.length.toString());
  return Outcome.completed(new JsonWriter().beginObject().name("net_cents").integer(net).name("tax_cents").integer(tax)
    .name("total_cents").integer(net + tax).endObject().toString());
}

export function run(): i32 { return serve(handle); }
