;; Copies its input to its output in pieces. Then it does what the first byte says: "t" traps, "n"
;; returns 5, "f" writes {} instead, and returns what one more piece is answered.
(module
  (import "wasm_broker_v1" "read_input_at" (func $read (param i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "append_output" (func $append (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "{}")
  (func (export "run") (result i32) (local $offset i32) (local $count i32) (local $first i32)
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1)))
    (local.set $first (i32.load8_u (i32.const 0)))
    (block $end
      (loop $next
        (local.set $count (call $read (local.get $offset) (i32.const 1024) (i32.const 60000)))
        (br_if $end (i32.eqz (local.get $count)))
        (if (call $append (i32.const 1024) (local.get $count)) (then (return (i32.const 9))))
        (local.set $offset (i32.add (local.get $offset) (local.get $count)))
        (br $next)))
    (if (i32.eq (local.get $first) (i32.const 0x74)) (then (unreachable)))
    (if (i32.eq (local.get $first) (i32.const 0x6e)) (then (return (i32.const 5))))
    (if (i32.eq (local.get $first) (i32.const 0x66))
      (then
        (if (call $write_output (i32.const 16) (i32.const 2)) (then (return (i32.const 8))))
        (return (call $append (i32.const 0) (i32.const 1)))))
    (i32.const 0)))
