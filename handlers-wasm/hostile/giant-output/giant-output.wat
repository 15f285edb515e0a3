;; Writes all of its memory as the output.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32)
    (if (i32.eq (memory.grow (i32.const 127)) (i32.const -1)) (then (unreachable)))
    (call $write_output (i32.const 0) (i32.const 0x800000))))
