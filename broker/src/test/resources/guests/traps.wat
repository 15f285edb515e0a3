;; Traps in the way that the first byte of its input names.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (type $nothing (func))
  (type $number (func (result i32)))
  (memory (export "memory") 1)
  (table 4 funcref)
  (elem (i32.const 0) $nothing)
  (func $nothing)
  (func $recurse (param i32) (result i32)
    (i32.add (i32.const 1) (call $recurse (i32.add (local.get 0) (i32.const 1)))))
  (func $is (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (i32.const 0)) (local.get $letter)))
  (func (export "run") (local $zero i32) (local $min i32)
    (drop (call $read_input (i32.const 0) (i32.const 1)))
    (local.set $min (i32.const 0x80000000))
    (if (call $is (i32.const 117)) (then unreachable))                                        ;; u
    (if (call $is (i32.const 109)) (then (drop (i32.load (i32.const 65533)))))                ;; m
    (if (call $is (i32.const 115)) (then (drop (call $recurse (i32.const 0)))))               ;; s
    (if (call $is (i32.const 100)) (then (drop (i32.div_s (i32.const 1) (local.get $zero))))) ;; d
    (if (call $is (i32.const 111)) (then (drop (i32.div_s (local.get $min) (i32.const -1))))) ;; o
    (if (call $is (i32.const 99)) (then (drop (i32.trunc_f64_s (f64.const nan)))))           ;; c
    (if (call $is (i32.const 110)) (then (call_indirect (type $nothing) (i32.const 1))))      ;; n
    (if (call $is (i32.const 98))
      (then (drop (call_indirect (type $number) (i32.const 0)))))                             ;; b
    (if (call $is (i32.const 116)) (then (call_indirect (type $nothing) (i32.const 9))))))    ;; t
