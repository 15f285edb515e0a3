;; Puts the value of a secret into its cache, for a later step: as a value, as a key, and in hex.
(module
  (import "wasm_broker_v1" "cache_put" (func $put (param i32 i32 i32 i32 i64) (result i32)))
  (import "wasm_broker_v1" "cache_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "read_secret" (func $read_secret (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (data (i32.const 64) "key")
  (data (i32.const 80) "0123456789abcdef")
  (data (i32.const 96) "found it: ")
  (func (export "run") (result i32)
    (local $length i32)
    (local $i i32)
    (local $byte i32)
    ;; behind the words at 96
    (local.set $length (call $read_secret (i32.const 64) (i32.const 3) (i32.const 106) (i32.const 100)))
    (if (i32.lt_s (local.get $length) (i32.const 1)) (then (return (i32.const 1))))
    ;; an earlier step may not have left anything
    (if (i32.ne (call $get (i32.const 64) (i32.const 3) (i32.const 1024) (i32.const 1000)) (i32.const -6))
      (then (return (i32.const 2))))
    (if (i32.ne
          (call $put (i32.const 64) (i32.const 3) (i32.const 96) (i32.add (local.get $length) (i32.const 10)) (i64.const 60000))
          (i32.const -5))
      (then (return (i32.const 3))))
    (if (i32.ne
          (call $put (i32.const 106) (local.get $length) (i32.const 64) (i32.const 3) (i64.const 60000))
          (i32.const -5))
      (then (return (i32.const 4))))
    (loop $next
      (local.set $byte (i32.load8_u (i32.add (i32.const 106) (local.get $i))))
      (i32.store8
        (i32.add (i32.const 512) (i32.shl (local.get $i) (i32.const 1)))
        (i32.load8_u (i32.add (i32.const 80) (i32.shr_u (local.get $byte) (i32.const 4)))))
      (i32.store8
        (i32.add (i32.const 513) (i32.shl (local.get $i) (i32.const 1)))
        (i32.load8_u (i32.add (i32.const 80) (i32.and (local.get $byte) (i32.const 15)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $length))))
    (if (i32.ne
          (call $put (i32.const 64) (i32.const 3) (i32.const 512) (i32.shl (local.get $length) (i32.const 1)) (i64.const 60000))
          (i32.const -5))
      (then (return (i32.const 5))))
    (call $write_output (i32.const 0) (i32.const 34))))
