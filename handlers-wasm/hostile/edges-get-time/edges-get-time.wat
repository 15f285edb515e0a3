;; Asks for clocks that do not exist.
(module
  (import "wasm_broker_v1" "get_time" (func $get_time (param i32) (result i64)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  ;; The edges of the memory as it is now, by number, 0 to 8.
  (func $edge (param $number i32) (result i32)
    (local $end i32)
    (local.set $end (i32.shl (memory.size) (i32.const 16)))
    (block $8 (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 (local.get $number)))
      (return (i32.const 0)))
      (return (i32.const 1)))
      (return (i32.sub (local.get $end) (i32.const 1))))
      (return (local.get $end)))
      (return (i32.add (local.get $end) (i32.const 1))))
      (return (i32.const 0x7FFFFFFF)))
      (return (i32.const 0x80000000)))
      (return (i32.const 0x80000001)))
    (i32.const -1))
  ;; Whether a range lies in the memory, in 64 bits, as the ABI says.
  (func $holds (param $from i32) (param $length i32) (result i32)
    (i64.le_u
      (i64.add (i64.extend_i32_u (local.get $from)) (i64.extend_i32_u (local.get $length)))
      (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))
  (func (export "run") (result i32)
    (local $i i32)
    (if (i64.lt_s (call $get_time (i32.const 0)) (i64.const 0)) (then (return (i32.const 1))))
    (if (i64.lt_s (call $get_time (i32.const 1)) (i64.const 0)) (then (return (i32.const 2))))
    (if (i64.lt_s (call $get_time (i32.const 2)) (i64.const 0)) (then (return (i32.const 3))))
    (local.set $i (i32.const 2)) ;; the first edge that is no clock
    (loop $next
      (if (i64.ne (call $get_time (call $edge (local.get $i))) (i64.const -2))
        (then (return (i32.add (local.get $i) (i32.const 10)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 9))))
    (call $write_output (i32.const 0) (i32.const 34))))
