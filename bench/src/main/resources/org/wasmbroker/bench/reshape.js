/*
 * What reshape.jq does, as somebody would write it who has a hundred lines for it: the orders that count, each with its
 * lines and sums, and what they come to by city.
 */

const CANCELLED = "cancelled";

/** An order that cannot be added up is the plan's mistake, and not to be tried again. */
class InvalidOrder extends Error {
  constructor(id, why) {
    super(`order ${id}: ${why}`);
    this.type = "invalid_order";
    this.retryable = false;
  }
}

/** Adds up what a function says of each. */
function sum(list, valueOf) {
  let total = 0;
  for (const item of list) {
    total += valueOf(item);
  }
  return total;
}

/** The items by a key, in the order of the keys. */
function groupBy(list, keyOf) {
  const groups = new Map();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function fullName({ first, last }) {
  return `${first} ${last}`;
}

function line({ sku, price, quantity }) {
  return { sku, amount: price * quantity };
}

function check(order) {
  if (!Array.isArray(order.lines)) {
    throw new InvalidOrder(order.id, "it has no lines");
  }
  for (const { price, quantity } of order.lines) {
    if (!Number.isInteger(price) || !Number.isInteger(quantity)) {
      throw new InvalidOrder(order.id, "a line has no price or no quantity");
    }
  }
  return order;
}

function summary(order) {
  const lines = order.lines.map(line);
  return {
    id: order.id,
    customer: fullName(order.customer),
    city: order.customer.address.city,
    lines,
    items: sum(order.lines, ({ quantity }) => quantity),
    total: sum(lines, ({ amount }) => amount),
  };
}

function largest(orders) {
  let found = null;
  for (const order of orders) {
    if (found === null || order.total >= found.total) {
      found = order;
    }
  }
  return found === null ? null : found.id;
}

function byCity(orders) {
  return groupBy(orders, ({ city }) => city).map(([city, group]) => ({
    city,
    orders: group.length,
    revenue: sum(group, ({ total }) => total),
  }));
}

export default async function handler(input) {
  const orders = input.context.orders.filter(({ status }) => status !== CANCELLED).map(check).map(summary);
  return {
    orders,
    count: orders.length,
    revenue: sum(orders, ({ total }) => total),
    cities: byCity(orders),
    largest: largest(orders),
  };
}
