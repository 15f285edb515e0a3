;; Recurses, and calls the host from every depth.
(module
  (import "wasm_broker_v1" "get_time" (func $get_time (param i32) (result i64)))
  (memory (export "memory") 1)
  (func $deeper (result i64)
    (drop (call $get_time (i32.const 1)))
    (i64.add (call $deeper) (i64.const 1)))
  (func (export "run") (drop (call $deeper))))
