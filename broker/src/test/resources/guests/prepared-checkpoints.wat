;; prepare composes two result documents of the configuration: a checkpoint, with the configuration as its cursor, and a result.
;; run writes the checkpoint if the step has none yet, else the result; then it leaves its marks where the next run would begin.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (global $length (mut i32) (i32.const 0)) ;; of the configuration
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":")
  (data (i32.const 8192) "{\"status\":\"checkpoint\",\"cursor\":")
  (data (i32.const 16000) "\"checkpoint\"")

  (func (export "prepare") (result i32)
    (global.set $length (call $read_input (i32.const 31) (i32.const 8000)))
    (memory.copy (i32.const 8224) (i32.const 31) (global.get $length))
    (i32.store8 (i32.add (i32.const 31) (global.get $length)) (i32.const 125))
    (i32.store8 (i32.add (i32.const 8224) (global.get $length)) (i32.const 125))
    (i32.const 0))

  (func $is_name (param $at i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.eq (local.get $i) (i32.const 12)) (then (return (i32.const 1))))
      (if (i32.ne
            (i32.load8_u (i32.add (local.get $at) (local.get $i)))
            (i32.load8_u (i32.add (i32.const 16000) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; Whether the value of the member checkpoint is an object: what follows its name, a colon and spaces.
  (func $resumed (result i32) (local $at i32) (local $end i32)
    (local.set $at (i32.const 20000))
    (local.set $end (i32.add (local.get $at) (call $read_input (local.get $at) (i32.const 200000))))
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (unreachable)))
      (if (i32.eqz (call $is_name (local.get $at)))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.set $at (i32.add (local.get $at) (i32.const 13)))
    (loop $space
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 32))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $space))))
    (i32.eq (i32.load8_u (local.get $at)) (i32.const 123)))

  (func (export "run") (result i32)
    (drop
      (if (result i32) (call $resumed)
        (then
          (call $write_output (i32.const 0) (i32.add (i32.const 32) (global.get $length))))
        (else
          (call $write_output (i32.const 8192) (i32.add (i32.const 33) (global.get $length))))))
    (memory.fill (i32.const 0) (i32.const 88) (i32.const 65536))
    (global.set $length (i32.const -1))
    (i32.const 0)))
