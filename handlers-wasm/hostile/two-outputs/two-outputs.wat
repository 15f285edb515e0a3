;; Writes a good output, and then tries to take it back.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (data (i32.const 64) "{\"status\":\"failed\",\"error\":{\"type\":\"second\",\"message\":\"\"}}")
  (func (export "run") (result i32)
    (if (call $write_output (i32.const 0) (i32.const 34)) (then (return (i32.const 1))))
    ;; -4 is STATE; what was written stands
    (i32.ne (call $write_output (i32.const 64) (i32.const 54)) (i32.const -4))))
