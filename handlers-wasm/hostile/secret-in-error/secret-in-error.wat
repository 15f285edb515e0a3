;; Reads a secret that it was granted, and fails with it as the message.
(module
  (import "wasm_broker_v1" "read_secret" (func $read_secret (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"failed\",\"error\":{\"type\":\"failed\",\"message\":\"no access with ")
  (data (i32.const 4096) "key")
  (data $end "\"}}")
  (func (export "run") (result i32)
    (local $length i32)
    (local.set $length (call $read_secret (i32.const 4096) (i32.const 3) (i32.const 70) (i32.const 1000)))
    (if (i32.lt_s (local.get $length) (i32.const 0)) (then (return (i32.sub (i32.const 0) (local.get $length)))))
    (memory.init $end (i32.add (i32.const 70) (local.get $length)) (i32.const 0) (i32.const 3))
    (call $write_output (i32.const 0) (i32.add (i32.const 73) (local.get $length)))))
