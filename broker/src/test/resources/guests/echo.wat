;; Writes its input as its output.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "run") (result i32)
    (call $write_output (i32.const 0) (call $read_input (i32.const 0) (i32.const 131072)))))
