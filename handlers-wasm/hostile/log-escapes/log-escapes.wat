;; Logs what would clear a terminal, set its title, and forge a line of the broker's.
(module
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (data (i32.const 64) "\1b[2J\1b]0;owned\07\c2\9b31m\0d\0a2026-01-01T00:00:00Z ERROR forged\00\e2\80\ae")
  (data (i32.const 192) "{\"a\":\"\7f\",\0a\"b\":1}")
  (func (export "run") (result i32)
    (drop (call $log (i32.const 3) (i32.const 64) (i32.const 58) (i32.const 0) (i32.const 0)))
    (drop (call $log (i32.const 3) (i32.const 64) (i32.const 58) (i32.const 192) (i32.const 16)))
    (call $write_output (i32.const 0) (i32.const 34))))
