;; Recurses until its stack ends, and calls the host at every step.
(module
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "deeper {\"a\":1}")
  (func $down (result i32)
    (drop
      (call $log (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 7) (i32.const 7)))
    (i32.add (i32.const 1) (call $down)))
  (func (export "run") (drop (call $down))))
