;; Logs a line, then never ends.
(module
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "looping")
  (func (export "run")
    (drop (call $log (i32.const 2) (i32.const 0) (i32.const 7) (i32.const 0) (i32.const 0)))
    (loop $for_ever (br $for_ever))))
