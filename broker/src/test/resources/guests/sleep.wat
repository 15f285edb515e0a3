;; Sleeps for as many nanoseconds as its input says (a little-endian i64), then writes an output.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 0: a subscription of the monotonic clock; 48: the event; 80: how many events
  (func (export "run") (result i32)
    (drop (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
    (i32.store (i32.const 16) (i32.const 1))
    (drop (call $read_input (i32.const 24) (i32.const 8)))
    (if (call $poll_oneoff (i32.const 0) (i32.const 48) (i32.const 1) (i32.const 80))
      (then (return (i32.const 1))))
    (if (i32.ne (i32.load (i32.const 80)) (i32.const 1)) (then (return (i32.const 2))))
    (call $write_output (i32.const 48) (i32.const 32))))
