;; Calls itself 100,000 levels deep, and comes back.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{}")
  (func $down (param $levels i32) (result i32)
    (if (result i32) (local.get $levels)
      (then (i32.add (i32.const 1) (call $down (i32.sub (local.get $levels) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "run")
    (if (i32.eq (call $down (i32.const 100000)) (i32.const 100000))
      (then (drop (call $write_output (i32.const 0) (i32.const 2)))))))
