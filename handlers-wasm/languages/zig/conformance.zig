//! The guest of the conformance kit: does what config.do says (docs/conformance.md).

const std = @import("std");
const wb = @import("wasm_broker.zig");

const Config = struct {
    do: enum { echo, fail, retry, checkpoint, crash, spin, allocate, log, log_all, time, http, secret },
    type: []const u8 = "",
    message: []const u8 = "",
    retryable: bool = false,
    retry_after_ms: ?u64 = null,
    items: i64 = 1,
    level: []const u8 = "",
    fields: ?std.json.Value = null,
    method: []const u8 = "GET",
    url: []const u8 = "",
    headers: ?std.json.Value = null,
    text: ?[]const u8 = null,
    name: []const u8 = "",
};

fn handle(step: *wb.Step) anyerror!wb.Outcome {
    const config = step.read(Config, step.config) catch
        return .{ .failed = .{ .type = "invalid_config", .message = "config.do is unknown" } };
    switch (config.do) {
        .echo => return step.completed(step.context),
        .fail => return .{ .failed = .{
            .type = config.type,
            .message = config.message,
            .retryable = config.retryable,
            .retry_after_ms = config.retry_after_ms,
        } },
        .retry => {
            if (step.attempt < step.max_attempts) return .{ .failed = .{ .type = "again", .message = "not yet", .retryable = true } };
            return step.completed(.{ .attempts = step.attempt });
        },
        .checkpoint => return checkpoint(step, config.items),
        .crash => @panic("as config.do says"),
        .spin => {
            var turns: u32 = 0;
            const at: *volatile u32 = &turns;
            while (true) at.* +%= 1;
        },
        .allocate => while (true) {
            const piece = try step.allocator.alloc(u8, 1 << 20);
            const at: *volatile u8 = &piece[0];
            at.* = 1;
        },
        .log, .log_all => {
            const names = [_][]const u8{ "trace", "debug", "info", "warn", "error" };
            for (names, 0..) |name, level| {
                if (config.do != .log_all and !std.mem.eql(u8, name, config.level)) continue;
                if (config.fields) |fields| {
                    try step.logWith(@enumFromInt(level), config.message, fields);
                } else {
                    wb.log(@enumFromInt(level), config.message);
                }
            }
            return step.completed(null);
        },
        .time => return step.completed(.{
            .wall_ms = @divTrunc(wb.now(), 1_000_000),
            .elapsed_us = @divTrunc(wb.elapsed(), 1_000),
            .remaining_ms = @divTrunc(wb.remaining(), 1_000_000),
        }),
        .http => return request(step, config),
        .secret => switch (try step.secret(config.name)) {
            .refused => |code| return .{ .failed = .{ .type = wb.errorName(code), .message = "there is no secret" } },
            .value => |value| return step.completed(.{ .length = value.len }),
        },
    }
}

/// Handles one item in each run.
fn checkpoint(step: *wb.Step, items: i64) !wb.Outcome {
    const done = wb.integer(wb.member(step.checkpoint, "cursor"), 0) + 1;
    const sum = wb.integer(wb.member(wb.member(step.checkpoint, "accumulated_results"), "sum"), 0) + done;
    if (done < items) return step.checkpointed(done, @intCast(done), .{ .sum = sum });
    return step.completed(.{ .items = done, .sum = sum, .resumed = step.checkpoint != .null });
}

fn request(step: *wb.Step, config: Config) !wb.Outcome {
    const response = switch (try step.send(.{
        .method = config.method,
        .url = config.url,
        .headers = config.headers,
        .body = if (config.text) |text| .{ .text = text } else null,
    })) {
        .failed => |failure| return .{ .failed = failure },
        .value => |value| value,
    };
    defer response.close();
    return switch (try response.body()) {
        .failed => |failure| .{ .failed = failure },
        .value => |body| step.completed(.{ .status = response.status, .body = body }),
    };
}

export fn run() i32 {
    return wb.serve(handle);
}
