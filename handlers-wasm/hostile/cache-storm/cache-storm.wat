;; Puts and gets as often as it can.
(module
  (import "wasm_broker_v1" "cache_put" (func $put (param i32 i32 i32 i32 i64) (result i32)))
  (import "wasm_broker_v1" "cache_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "cache_delete" (func $delete (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (func (export "run") (result i32)
    (local $i i32)
    (local $answer i32)
    (loop $next
      ;; its number is the key, and 1000 bytes are the value
      (i32.store (i32.const 64) (local.get $i))
      (local.set $answer
        (call $put (i32.const 64) (i32.const 4) (i32.const 128) (i32.const 1000) (i64.const 60000)))
      ;; kept, or BUDGET: what it put is as much as is granted
      (if (i32.and (i32.ne (local.get $answer) (i32.const 0)) (i32.ne (local.get $answer) (i32.const -10)))
        (then (return (i32.const 1))))
      ;; found as it was put, or NOT_FOUND
      (local.set $answer (call $get (i32.const 64) (i32.const 4) (i32.const 2048) (i32.const 1000)))
      (if (i32.and (i32.ne (local.get $answer) (i32.const 1000)) (i32.ne (local.get $answer) (i32.const -6)))
        (then (return (i32.const 2))))
      (if (i32.gt_u (call $delete (i32.const 64) (i32.rem_u (local.get $i) (i32.const 4))) (i32.const 1))
        (then
          ;; INVALID for an empty key
          (if (i32.rem_u (local.get $i) (i32.const 4)) (then (return (i32.const 3))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 9000))))
    (call $write_output (i32.const 0) (i32.const 34))))
