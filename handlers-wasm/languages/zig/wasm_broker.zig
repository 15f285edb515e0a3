//! Step handlers for the WASM broker, in Zig.
//!
//!     const wb = @import("wasm_broker.zig");
//!
//!     fn handle(step: *wb.Step) !wb.Outcome {
//!         const order = try step.read(Order, step.context);
//!         if (order.lines.len == 0) return .{ .failed = .{ .type = "no_lines", .message = "the order has no lines" } };
//!         return step.completed(.{ .total = total(order) });
//!     }
//!
//!     export fn run() i32 {
//!         return wb.serve(handle);
//!     }
//!
//! A run is short and its instance is thrown away, so nothing needs to be freed. An error that a handler returns fails the
//! step for good, with the error's name as message; error.OutOfMemory ends the run, and the broker says that memory was
//! exceeded. On other platforms than WebAssembly the host is replaced, so that `zig test` needs no broker: see `runText`.

const std = @import("std");
const builtin = @import("builtin");
const Value = std.json.Value;

const host = if (builtin.target.cpu.arch.isWasm()) struct {
    extern "wasm_broker_v1" fn read_input(into: ?[*]u8, capacity: usize) i32;
    extern "wasm_broker_v1" fn write_output(from: [*]const u8, length: usize) i32;
    extern "wasm_broker_v1" fn log(level: i32, message: [*]const u8, message_length: usize, fields: [*]const u8, fields_length: usize) i32;
    extern "wasm_broker_v1" fn get_time(clock: i32) i64;
    extern "wasm_broker_v1" fn http_request(op: i32, handle: i32, at: ?[*]u8, length: usize) i32;
    extern "wasm_broker_v1" fn read_secret(name: [*]const u8, name_length: usize, into: ?[*]u8, capacity: usize) i32;
} else struct {
    fn read_input(_: ?[*]u8, _: usize) i32 {
        return 0;
    }
    fn write_output(_: [*]const u8, _: usize) i32 {
        return 0;
    }
    fn log(level: i32, message: [*]const u8, message_length: usize, fields: [*]const u8, fields_length: usize) i32 {
        std.debug.print("{d}: {s} {s}\n", .{ level, message[0..message_length], fields[0..fields_length] });
        return 0;
    }
    fn get_time(clock: i32) i64 {
        return if (clock == 2) 10_000_000_000 else 0;
    }
    fn http_request(_: i32, _: i32, _: ?[*]u8, _: usize) i32 {
        return -5;
    }
    fn read_secret(_: [*]const u8, _: usize, _: ?[*]u8, _: usize) i32 {
        return -5;
    }
};

const error_names = [_][]const u8{ "fault", "invalid", "too_large", "state", "denied", "not_found", "rate_limited", "timeout", "io", "budget" };

/// The name of an error code of the broker, such as "denied", which is fit for the type of a failure.
pub fn errorName(code: i32) []const u8 {
    return if (code < 0 and code >= -10) error_names[@intCast(-code - 1)] else "unknown";
}

/// Why a step fails.
pub const Failure = struct {
    type: []const u8,
    message: []const u8 = "",
    retryable: bool = false,
    retry_after_ms: ?u64 = null,
    code: ?[]const u8 = null,
};

/// How a step ended. Step.completed and Step.checkpointed make the others from values.
pub const Outcome = union(enum) {
    /// The result document.
    document: []const u8,
    failed: Failure,
};

/// The step document, and the memory of the run.
pub const Step = struct {
    allocator: std.mem.Allocator,
    info: Value = .null,
    task: Value = .null,
    config: Value = .null,
    context: Value = .null,
    deps: Value = .null,
    previous: Value = .null,
    checkpoint: Value = .null,
    attempt: i64 = 1,
    max_attempts: i64 = 1,

    pub fn parse(allocator: std.mem.Allocator, text: []const u8) !Step {
        const document = try std.json.parseFromSliceLeaky(Value, allocator, text, .{ .allocate = .alloc_if_needed });
        const info = member(document, "step");
        return .{
            .allocator = allocator,
            .info = info,
            .task = member(document, "task"),
            .config = member(document, "config"),
            .context = member(document, "context"),
            .deps = member(document, "deps"),
            .previous = member(document, "prev"),
            .checkpoint = member(document, "checkpoint"),
            .attempt = integer(member(info, "attempt"), 1),
            .max_attempts = integer(member(info, "max_attempts"), 1),
        };
    }

    /// A value as a type of yours; members that it does not have are ignored.
    pub fn read(self: *Step, comptime T: type, value: Value) !T {
        return std.json.parseFromValueLeaky(T, self.allocator, value, .{ .ignore_unknown_fields = true });
    }

    /// The text of a value, such as a struct, as JSON; optional members that are null are left out.
    pub fn json(self: *Step, value: anytype) ![]const u8 {
        return std.json.Stringify.valueAlloc(self.allocator, value, .{ .emit_null_optional_fields = false });
    }

    /// The step is done.
    pub fn completed(self: *Step, result: anytype) !Outcome {
        return .{ .document = try self.json(.{ .status = "completed", .result = result }) };
    }

    /// Some of the work is done: a fresh instance finds cursor and accumulated_results in the checkpoint.
    pub fn checkpointed(self: *Step, cursor: anytype, items_processed: u64, accumulated: anytype) !Outcome {
        return .{ .document = try self.json(.{
            .status = "checkpoint",
            .cursor = cursor,
            .items_processed = items_processed,
            .accumulated_results = accumulated,
        }) };
    }

    /// Writes a line with fields, a struct; a line that the broker drops is dropped.
    pub fn logWith(self: *Step, level: Level, message: []const u8, fields: anytype) !void {
        const text = try self.json(fields);
        _ = host.log(@intFromEnum(level), message.ptr, message.len, text.ptr, text.len);
    }

    /// The value of a secret, or the code with which the host refuses it.
    pub fn secret(self: *Step, name: []const u8) !Answered([]const u8) {
        const length = host.read_secret(name.ptr, name.len, null, 0);
        if (length < 0) return .{ .refused = length };
        const value = try self.allocator.alloc(u8, @intCast(length));
        _ = host.read_secret(name.ptr, name.len, value.ptr, value.len);
        return .{ .value = value };
    }

    /// Sends a request. A status such as 404 is a response.
    pub fn send(self: *Step, request: Request) !Attempted(Response) {
        const text = try self.json(request);
        const handle = host.http_request(0, 0, @constCast(text.ptr), text.len);
        if (handle < 0) return .{ .failed = try self.requestFailure(handle) };
        const head = (try self.readDocument(1, handle)) orelse Value.null;
        return .{ .value = .{ .step = self, .handle = handle, .head = head, .status = integer(member(head, "status"), 0) } };
    }

    fn readDocument(self: *Step, op: i32, handle: i32) !?Value {
        const length = host.http_request(op, handle, null, 0);
        if (length <= 0) return null;
        const text = try self.allocator.alloc(u8, @intCast(length));
        _ = host.http_request(op, handle, text.ptr, text.len);
        return try std.json.parseFromSliceLeaky(Value, self.allocator, text, .{});
    }

    fn requestFailure(self: *Step, code: i32) !Failure {
        const document = (try self.readDocument(4, 0)) orelse return .{ .type = errorName(code) };
        return self.read(Failure, document);
    }
};

/// A value, or the code of the host.
pub fn Answered(comptime T: type) type {
    return union(enum) { value: T, refused: i32 };
}

/// A value, or a failure, which a handler may return.
pub fn Attempted(comptime T: type) type {
    return union(enum) { value: T, failed: Failure };
}

/// The member of an object; null if there is none, or if the value is no object.
pub fn member(value: Value, name: []const u8) Value {
    return switch (value) {
        .object => |object| object.get(name) orelse .null,
        else => .null,
    };
}

/// A whole number, or else what is given.
pub fn integer(value: Value, otherwise: i64) i64 {
    return switch (value) {
        .integer => |number| number,
        else => otherwise,
    };
}

pub const Level = enum(i32) { trace, debug, info, warn, err };

/// Writes a line; one that the broker drops is dropped.
pub fn log(level: Level, message: []const u8) void {
    _ = host.log(@intFromEnum(level), message.ptr, message.len, "", 0);
}

/// Nanoseconds: since 1970, since the run started, until its deadline.
pub fn now() i64 {
    return host.get_time(0);
}
pub fn elapsed() i64 {
    return host.get_time(1);
}
pub fn remaining() i64 {
    return host.get_time(2);
}

/// A request. {{secret:NAME}} in the value of a header or in the body is filled in by the host.
pub const Request = struct {
    method: []const u8 = "GET",
    url: []const u8,
    /// An object of names and values.
    headers: ?Value = null,
    body: ?Body = null,
    timeout_ms: ?u64 = null,
    idempotency_key: ?bool = null,

    /// At most one of both.
    pub const Body = struct { text: ?[]const u8 = null, json: ?Value = null };
};

pub const Response = struct {
    step: *Step,
    handle: i32,
    /// The head document, with the headers.
    head: Value,
    status: i64,

    /// The rest of the body, or why it broke off.
    pub fn body(self: Response) !Attempted([]const u8) {
        var all: std.ArrayList(u8) = .empty;
        while (true) {
            try all.ensureUnusedCapacity(self.step.allocator, 16384);
            const free = all.unusedCapacitySlice();
            const length = host.http_request(2, self.handle, free.ptr, @min(free.len, 65536));
            if (length < 0) return .{ .failed = try self.step.requestFailure(length) };
            if (length == 0) return .{ .value = all.items };
            all.items.len += @intCast(length);
        }
    }

    pub fn close(self: Response) void {
        _ = host.http_request(3, self.handle, null, 0);
    }
};

pub const Handler = fn (step: *Step) anyerror!Outcome;

/// What a handler makes of a step document: the result document. Tests call it.
pub fn runText(allocator: std.mem.Allocator, comptime handler: Handler, document: []const u8) ![]const u8 {
    var step = try Step.parse(allocator, document);
    const outcome = handler(&step) catch |cause| switch (cause) {
        error.OutOfMemory => return error.OutOfMemory,
        else => Outcome{ .failed = .{ .type = "failed", .message = @errorName(cause) } },
    };
    return switch (outcome) {
        .document => |text| text,
        .failed => |failure| step.json(.{ .status = "failed", .@"error" = failure }),
    };
}

/// Runs a handler; what the exported function run returns.
pub fn serve(comptime handler: Handler) i32 {
    var arena = std.heap.ArenaAllocator.init(if (builtin.target.cpu.arch.isWasm()) std.heap.wasm_allocator else std.heap.page_allocator);
    serveWith(arena.allocator(), handler) catch |cause| @panic(@errorName(cause));
    return 0;
}

fn serveWith(allocator: std.mem.Allocator, comptime handler: Handler) !void {
    const length = host.read_input(null, 0);
    if (length < 0) return error.NoInput;
    const document = try allocator.alloc(u8, @intCast(length));
    _ = host.read_input(document.ptr, document.len);
    const output = try runText(allocator, handler, document);
    if (host.write_output(output.ptr, output.len) != 0) return error.NoOutput;
}
