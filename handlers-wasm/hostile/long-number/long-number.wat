;; Writes a result that is a number of a million digits.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 17)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":")
  (func (export "run") (result i32)
    (memory.fill (i32.const 31) (i32.const 57) (i32.const 1000000)) ;; 9
    (i32.store8 (i32.const 1000031) (i32.const 125))
    (call $write_output (i32.const 0) (i32.const 1000032))))
