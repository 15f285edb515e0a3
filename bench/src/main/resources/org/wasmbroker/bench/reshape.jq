[.context.orders[] | select(.status != "cancelled") | {
  id,
  customer: (.customer.first + " " + .customer.last),
  city: .customer.address.city,
  lines: (.lines | map({sku, amount: (.price * .quantity)})),
  items: (.lines | map(.quantity) | add),
  total: (.lines | map(.price * .quantity) | add)
}] as $orders
| {
  orders: $orders,
  count: ($orders | length),
  revenue: ($orders | map(.total) | add),
  cities: ($orders | group_by(.city) | map({city: .[0].city, orders: length, revenue: (map(.total) | add)})),
  largest: ($orders | max_by(.total) | .id)
}
