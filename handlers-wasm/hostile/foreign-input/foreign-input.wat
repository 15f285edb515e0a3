;; Looks through all the memory it can get for the input of another step, and reads more than its own.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data $done "{\"status\":\"completed\",\"result\":{}}")
  ;; The inputs of the steps beside it carry the eight bytes "NEIGHBOR"; its own does not.
  (func $found (result i32)
    (local $at i32)
    (loop $next
      (if (i64.eq (i64.load (local.get $at)) (i64.const 0x524F42484749454E)) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.le_u (local.get $at) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 8)))))
    (i32.const 0))
  (func (export "run") (result i32)
    (drop (memory.grow (i32.const 15)))
    (if (call $found) (then (return (i32.const 1))))
    (drop (call $read_input (i32.const 0) (i32.const 0x100000)))
    (if (call $found) (then (return (i32.const 2))))
    (memory.init $done (i32.const 0) (i32.const 0) (i32.const 34))
    (call $write_output (i32.const 0) (i32.const 34))))
