;; Writes a result with bytes that are not UTF-8.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":\"\c3\28\"}")
  (func (export "run") (result i32) (call $write_output (i32.const 0) (i32.const 36))))
