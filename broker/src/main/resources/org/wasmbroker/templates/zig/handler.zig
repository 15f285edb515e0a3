//! The total of an order: prices times quantities, and the tax on them.

const std = @import("std");
const wb = @import("wasm_broker.zig");

const max_cents: i64 = 1_000_000_000_000;

/// What whoever uses the handler has set.
const Config = struct { tax_percent: i64 = 0 };

/// The step's context: what it works on.
const Order = struct { lines: []const Line };
const Line = struct { item: []const u8, price_cents: i64, quantity: i64 };

fn handle(step: *wb.Step) anyerror!wb.Outcome {
    const config = step.read(Config, step.config) catch return fails("invalid_config", "config.tax_percent must be a number");
    const order = step.read(Order, step.context) catch return fails("invalid_input", "context must have lines");
    if (order.lines.len == 0) return fails("no_lines", "the order has no lines");
    var net: i64 = 0;
    for (order.lines) |line| {
        if (line.price_cents < 0 or line.quantity < 0) return fails("invalid_input", "a number is negative");
        if (line.quantity > 0 and line.price_cents > @divTrunc(max_cents - net, line.quantity)) return fails("too_much", "the total is too large");
        net += line.price_cents * line.quantity;
    }
    const tax = @divTrunc(net * config.tax_percent, 100);
    try step.logWith(.info, "lines added up", .{ .lines = order.lines.len });
    return step.completed(.{ .net_cents = net, .tax_cents = tax, .total_cents = net + tax });
}

fn fails(kind: []const u8, message: []const u8) wb.Outcome {
    return .{ .failed = .{ .type = kind, .message = message } };
}

export fn run() i32 {
    return wb.serve(handle);
}

// A handler is plain Zig elsewhere, so this needs neither broker nor WebAssembly: zig test handler.zig
test "tax is added to the lines" {
    var arena = std.heap.ArenaAllocator.init(std.testing.allocator);
    defer arena.deinit();
    const result = try wb.runText(arena.allocator(), handle,
        \\{"step": {}, "config": {"tax_percent": 19},
        \\ "context": {"lines": [{"item": "tea", "price_cents": 250, "quantity": 2}]}}
    );
    try std.testing.expectEqualStrings(
        \\{"status":"completed","result":{"net_cents":500,"tax_cents":95,"total_cents":595}}
    , result);
}
