;; Writes an output that is not JSON.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "<html><body>500</body></html>")
  (func (export "run") (result i32) (call $write_output (i32.const 0) (i32.const 29))))
