;; Grows its memory twice, by the first and the second number of its input in pages, and then gives
;; up as the third says: 0 unreachable, 1 with the code 1, 2 with a division by zero.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (memory (export "memory") 1 100)
  (func (export "run") (result i32)
    (drop (call $read_input (i32.const 0) (i32.const 12)))
    (drop (memory.grow (i32.load (i32.const 0))))
    (drop (memory.grow (i32.load (i32.const 4))))
    (if (i32.eqz (i32.load (i32.const 8))) (then unreachable))
    (if (i32.eq (i32.load (i32.const 8)) (i32.const 1)) (then (return (i32.const 1))))
    (i32.div_u (i32.const 1) (i32.const 0))))
