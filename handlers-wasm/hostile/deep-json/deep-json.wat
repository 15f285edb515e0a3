;; Writes a result of 100,000 arrays in each other.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":")
  (func (export "run") (result i32)
    (memory.fill (i32.const 31) (i32.const 91) (i32.const 100000)) ;; [
    (memory.fill (i32.const 100031) (i32.const 93) (i32.const 100000)) ;; ]
    (i32.store8 (i32.const 200031) (i32.const 125))
    (call $write_output (i32.const 0) (i32.const 200032))))
