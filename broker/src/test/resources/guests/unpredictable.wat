;; Writes what no computation yields as the hex of 72 bytes: the time since 1970, since the start and left, 32 random
;; bytes, the time since the start after a wait of 3 ms, and the number of events of that wait. Logs a line before the wait.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "get_time" (func $get_time (param i32) (result i64)))
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 300) "{\"status\":\"completed\",\"result\":\"")
  (data (i32.const 600) "\"}")
  (data (i32.const 700) "before the wait")
  (data (i32.const 800) "0123456789abcdef")
  (func (export "run") (result i32) (local $i i32) (local $byte i32)
    (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 0)))
    (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 8)))
    (i64.store (i32.const 16) (call $get_time (i32.const 2)))
    (drop (call $random (i32.const 24) (i32.const 32)))
    (drop (call $log (i32.const 2) (i32.const 700) (i32.const 15) (i32.const 0) (i32.const 0)))
    ;; 128: a subscription of the monotonic clock; 176: the event; 64: how many events
    (i32.store (i32.const 144) (i32.const 1))
    (i64.store (i32.const 152) (i64.const 3000000))
    (drop (call $poll_oneoff (i32.const 128) (i32.const 176) (i32.const 1) (i32.const 64)))
    (i64.store (i32.const 56) (call $get_time (i32.const 1)))
    (loop $next
      (local.set $byte (i32.load8_u (local.get $i)))
      (i32.store8
        (i32.add (i32.const 332) (i32.mul (local.get $i) (i32.const 2)))
        (i32.load8_u (i32.add (i32.const 800) (i32.shr_u (local.get $byte) (i32.const 4)))))
      (i32.store8
        (i32.add (i32.const 333) (i32.mul (local.get $i) (i32.const 2)))
        (i32.load8_u (i32.add (i32.const 800) (i32.and (local.get $byte) (i32.const 15)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 72))))
    (i32.store16 (i32.const 476) (i32.load16_u (i32.const 600)))
    (call $write_output (i32.const 300) (i32.const 178))))
