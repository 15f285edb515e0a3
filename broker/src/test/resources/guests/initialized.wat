;; A reactor whose _initialize has to run first, and whose start function already reads the input.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $length (mut i32) (i32.const 0))
  (global $ready (mut i32) (i32.const 0))
  (func $start (global.set $length (call $read_input (i32.const 0) (i32.const 65536))))
  (start $start)
  (func (export "_initialize") (global.set $ready (i32.const 1)))
  (func (export "run") (result i32)
    (if (i32.eqz (global.get $ready)) (then (return (i32.const 9))))
    (call $write_output (i32.const 0) (global.get $length))))
