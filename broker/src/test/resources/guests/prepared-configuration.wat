;; prepare composes a result document of the configuration, and run writes it; then run leaves its marks everywhere that it can
;; reach. The third byte of the configuration decides how prepare ends.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $length (mut i32) (i32.const 0))
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":")

  (func $is (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (i32.const 33)) (local.get $letter)))

  (func (export "prepare") (result i32)
    (global.set $length (i32.add (i32.const 32) (call $read_input (i32.const 31) (i32.const 60000))))
    (i32.store8 (i32.sub (global.get $length) (i32.const 1)) (i32.const 125))
    (if (call $is (i32.const 117)) (then unreachable)) ;; u
    (if (call $is (i32.const 108)) (then (loop $forever (br $forever)))) ;; l
    (if (call $is (i32.const 102)) ;; f
      (then
        (drop (memory.grow (i32.const 64)))
        (memory.fill (i32.const 65536) (i32.const 1) (i32.const 4194304))))
    (i32.const 0))

  (func (export "run") (result i32)
    (drop (call $write_output (i32.const 0) (global.get $length)))
    (memory.fill (i32.const 0) (i32.const 88) (i32.const 65536))
    (drop (memory.grow (i32.const 1)))
    (global.set $length (i32.const -1))
    (i32.const 0)))
