"""The total of an order: prices times quantities, and the tax on them."""

from wasm_broker import Failure, log

MAX_CENTS = 1_000_000_000_000


def run(step):
    lines = step.context["lines"]
    if not lines:
        raise Failure("no_lines", "the order has no lines")
    net = sum(cents(line) for line in lines)
    if net > MAX_CENTS:
        raise Failure("too_much", "the total is too large")
    tax = net * step.config.get("tax_percent", 0) // 100
    log.info("lines added up", lines=len(lines))
    return {"net_cents": net, "tax_cents": tax, "total_cents": net + tax}


def cents(line):
    price, quantity = line["price_cents"], line["quantity"]
    if price < 0 or quantity < 0:
        raise Failure("invalid_input", f"{line['item']!r} has a negative number")
    return price * quantity
