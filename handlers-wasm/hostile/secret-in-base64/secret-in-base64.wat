;; Reads a secret that it was granted, and puts it into its result in base64, between other bytes.
(module
  (import "wasm_broker_v1" "read_secret" (func $read_secret (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":\"")
  (data (i32.const 2048) "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  (data (i32.const 4095) "xkey")
  (data $end "\"}")
  ;; Six bits of the four bytes at a place, from a number of bits on, as a letter.
  (func $letter (param $bits i32) (param $shift i32) (result i32)
    (i32.load8_u
      (i32.add (i32.const 2048) (i32.and (i32.shr_u (local.get $bits) (local.get $shift)) (i32.const 63)))))
  (func $bits (param $at i32) (result i32)
    (i32.or
      (i32.or
        (i32.shl (i32.load8_u (local.get $at)) (i32.const 16))
        (i32.shl (i32.load8_u offset=1 (local.get $at)) (i32.const 8)))
      (i32.load8_u offset=2 (local.get $at))))
  (func (export "run") (result i32)
    (local $length i32)
    (local $from i32)
    (local $to i32)
    ;; after an x, which moves it by a byte
    (i32.store8 (i32.const 5000) (i32.const 120))
    (local.set $length (call $read_secret (i32.const 4096) (i32.const 3) (i32.const 5001) (i32.const 1000)))
    (if (i32.lt_s (local.get $length) (i32.const 0)) (then (return (i32.sub (i32.const 0) (local.get $length)))))
    (local.set $from (i32.const 5000))
    (local.set $to (i32.const 32))
    (loop $next
      (i32.store8 (local.get $to) (call $letter (call $bits (local.get $from)) (i32.const 18)))
      (i32.store8 offset=1 (local.get $to) (call $letter (call $bits (local.get $from)) (i32.const 12)))
      (i32.store8 offset=2 (local.get $to) (call $letter (call $bits (local.get $from)) (i32.const 6)))
      (i32.store8 offset=3 (local.get $to) (call $letter (call $bits (local.get $from)) (i32.const 0)))
      (local.set $from (i32.add (local.get $from) (i32.const 3)))
      (local.set $to (i32.add (local.get $to) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $from) (i32.add (i32.const 5001) (local.get $length)))))
    (memory.init $end (local.get $to) (i32.const 0) (i32.const 2))
    (call $write_output (i32.const 0) (i32.add (local.get $to) (i32.const 2)))))
