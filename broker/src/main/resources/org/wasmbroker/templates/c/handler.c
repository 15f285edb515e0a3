/* The total of an order: prices times quantities, and the tax on them. */
#include "wasm_broker.h"

#define MAX_CENTS INT64_C(1000000000000)

static wb_outcome invalid(const char *type, const char *message) {
  return wb_failed((wb_failure){.type = type, .message = message});
}

static wb_outcome run(wb_step step) {
  int64_t tax_percent = wb_integer_or(wb_member(step.config, "tax_percent"), 0), net = 0, count = 0;
  if (tax_percent < 0 || tax_percent > 100) return invalid("invalid_config", "config.tax_percent must be 0 to 100");
  for (wb_items lines = wb_items_of(wb_member(step.context, "lines")); wb_next(&lines); count++) {
    int64_t price, quantity;
    if (!wb_integer_of(wb_member(lines.value, "price_cents"), &price) || price < 0 ||
        !wb_integer_of(wb_member(lines.value, "quantity"), &quantity) || quantity < 0)
      return invalid("invalid_input", "context.lines: price_cents and quantity must be whole numbers from 0 on");
    if (quantity > 0 && price > (MAX_CENTS - net) / quantity) return invalid("too_much", "the total is too large");
    net += price * quantity;
  }
  if (count == 0) return invalid("no_lines", "the order has no lines");
  int64_t tax = net * tax_percent / 100;
  wb_log(WB_INFO, "lines added up");
  wb_writer total = {0};
  wb_begin_object(&total);
  wb_name(&total, "net_cents"), wb_write_integer(&total, net);
  wb_name(&total, "tax_cents"), wb_write_integer(&total, tax);
  wb_name(&total, "total_cents"), wb_write_integer(&total, net + tax);
  wb_end_object(&total);
  return wb_completed(wb_written(&total));
}

WB_HANDLER(run)
