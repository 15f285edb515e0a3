;; Writes the value of the key "k" if its cache has one; if not, puts its input there for a minute,
;; and writes what it got.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "cache_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "cache_put" (func $put (param i32 i32 i32 i32 i64) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "k")
  (data (i32.const 16) "{\"status\":\"completed\",\"result\":\"put\"}")
  (func (export "run") (result i32) (local $length i32)
    (local.set $length (call $get (i32.const 0) (i32.const 1) (i32.const 1024) (i32.const 4096)))
    (if (i32.ge_s (local.get $length) (i32.const 0))
      (then (return (call $write_output (i32.const 1024) (local.get $length)))))
    (if (i32.ne (local.get $length) (i32.const -6)) (then (return (local.get $length))))
    (local.set $length (call $read_input (i32.const 1024) (i32.const 4096)))
    (local.set $length
      (call $put (i32.const 0) (i32.const 1) (i32.const 1024) (local.get $length) (i64.const 60000)))
    (if (local.get $length) (then (return (local.get $length))))
    (call $write_output (i32.const 16) (i32.const 37))))
