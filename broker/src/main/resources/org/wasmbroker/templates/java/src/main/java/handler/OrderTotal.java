package handler;

import org.wasmbroker.sdk.Failure;
import org.wasmbroker.sdk.Json;
import org.wasmbroker.sdk.Log;
import org.wasmbroker.sdk.Outcome;
import org.wasmbroker.sdk.Step;
import org.wasmbroker.sdk.StepHandler;

/** The total of an order: prices times quantities, and the tax on them. */
public final class OrderTotal {
  private static final long MAX_CENTS = 1_000_000_000_000L;

  private OrderTotal() {}

  public static void main(String[] arguments) {
    StepHandler.serve(OrderTotal::handle);
  }

  static Outcome handle(Step step) {
    var lines = 0;
    var net = 0L;
    for (var line : step.context().get("lines").elements()) {
      net = add(net, line);
      lines++;
    }
    if (lines == 0) {
      throw Failure.permanent("no_lines", "the order has no lines");
    }
    var tax = net * step.config().get("tax_percent").asLong(0) / 100;
    Log.write(Log.Level.INFO, "lines added up", Json.object().put("lines", lines).build());
    return Outcome.completed(
        Json.object()
            .put("net_cents", net)
            .put("tax_cents", tax)
            .put("total_cents", net + tax)
            .build());
  }

  private static long add(long net, Json line) {
    var price = line.get("price_cents").asLong(); // fails with its place if it is no whole number
    var quantity = line.get("quantity").asLong();
    if (price < 0 || quantity < 0) {
      throw Failure.permanent("invalid_input", line.get("item") + " has a negative number");
    }
    if (quantity > 0 && price > (MAX_CENTS - net) / quantity) {
      throw Failure.permanent("too_much", "the total is too large at " + line.get("item"));
    }
    return net + price * quantity;
  }
}
