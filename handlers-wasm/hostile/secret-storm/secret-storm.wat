;; Asks for a thousand secrets by their numbers.
(module
  (import "wasm_broker_v1" "read_secret" (func $read_secret (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (data (i32.const 64) "key-000")
  (func (export "run") (result i32)
    (local $i i32)
    (loop $next
      (i32.store8 (i32.const 68) (i32.add (i32.const 48) (i32.div_u (local.get $i) (i32.const 100))))
      (i32.store8 (i32.const 69) (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $i) (i32.const 10)) (i32.const 10))))
      (i32.store8 (i32.const 70) (i32.add (i32.const 48) (i32.rem_u (local.get $i) (i32.const 10))))
      (if (i32.ne (call $read_secret (i32.const 64) (i32.const 7) (i32.const 256) (i32.const 1000)) (i32.const -5))
        (then (return (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 1000))))
    (call $write_output (i32.const 0) (i32.const 34))))
