;; Writes its whole first page, without anything that runs before.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32)
    (drop (memory.grow (i32.const 1)))
    (call $write_output (i32.const 0) (i32.const 131072))))
