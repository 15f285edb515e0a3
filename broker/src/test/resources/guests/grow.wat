;; Grows its memory by as many pages as its input says (a little-endian i32), and writes what
;; memory.grow answered and the size of the memory after it.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run")
    (drop (call $read_input (i32.const 0) (i32.const 4)))
    (i32.store (i32.const 0) (memory.grow (i32.load (i32.const 0))))
    (i32.store (i32.const 4) (memory.size))
    (drop (call $write_output (i32.const 0) (i32.const 8)))))
