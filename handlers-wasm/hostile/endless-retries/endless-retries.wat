;; Says that it may be tried again, in nine hundred years.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"failed\",\"error\":{\"type\":\"busy\",\"message\":\"later\",\"retryable\":true,\"retry_after_ms\":28401800000000}}")
  (func (export "run") (result i32) (call $write_output (i32.const 0) (i32.const 110))))
