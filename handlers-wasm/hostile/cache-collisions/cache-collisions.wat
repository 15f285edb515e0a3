;; Puts and looks for thousands of keys that have one hash: each is twelve times "Aa" or "BB", which Java's hash of bytes
;; cannot tell apart.
(module
  (import "wasm_broker_v1" "cache_put" (func $put (param i32 i32 i32 i32 i64) (result i32)))
  (import "wasm_broker_v1" "cache_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (func $key (param $number i32)
    (local $bit i32)
    (loop $next
      (i32.store16
        (i32.add (i32.const 64) (i32.shl (local.get $bit) (i32.const 1)))
        (select
          (i32.const 0x6141)
          (i32.const 0x4242)
          (i32.and (i32.shr_u (local.get $number) (local.get $bit)) (i32.const 1))))
      (local.set $bit (i32.add (local.get $bit) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $bit) (i32.const 12)))))
  (func (export "run") (result i32)
    (local $i i32)
    (local $answer i32)
    (loop $next
      (call $key (i32.rem_u (local.get $i) (i32.const 4096)))
      (local.set $answer
        (call $put (i32.const 64) (i32.const 24) (i32.const 128) (i32.const 1) (i64.const 60000)))
      (if (i32.and (i32.ne (local.get $answer) (i32.const 0)) (i32.ne (local.get $answer) (i32.const -10)))
        (then (return (i32.const 1))))
      (local.set $answer (call $get (i32.const 64) (i32.const 24) (i32.const 256) (i32.const 8)))
      (if (i32.and (i32.ne (local.get $answer) (i32.const 1)) (i32.ne (local.get $answer) (i32.const -6)))
        (then (return (i32.const 2))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 12000))))
    (call $write_output (i32.const 0) (i32.const 34))))
