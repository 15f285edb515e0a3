;; Calls read_secret with every four edges, before and after growth.
(module
  (import "wasm_broker_v1" "read_secret" (func $read_secret (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data $done "{\"status\":\"completed\",\"result\":{}}")
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
  (func $wrong (param $name i32) (param $name_length i32) (param $value i32) (param $room i32) (result i32)
    (local $answer i32)
    (local.set $answer
      (call $read_secret (local.get $name) (local.get $name_length) (local.get $value) (local.get $room)))
    (if (i32.eqz
          (i32.and
            (call $holds (local.get $name) (local.get $name_length))
            (call $holds (local.get $value) (local.get $room))))
      (then (return (i32.ne (local.get $answer) (i32.const -1)))))
    ;; the memory is zeros, of which no name is made: INVALID
    (i32.ne (local.get $answer) (i32.const -2)))
  (func $sweep (result i32)
    (local $i i32)
    (loop $next
      (if (call $wrong
            (call $edge (i32.rem_u (local.get $i) (i32.const 9)))
            (call $edge (i32.rem_u (i32.div_u (local.get $i) (i32.const 9)) (i32.const 9)))
            (call $edge (i32.rem_u (i32.div_u (local.get $i) (i32.const 81)) (i32.const 9)))
            (call $edge (i32.div_u (local.get $i) (i32.const 729))))
        (then (return (i32.add (local.get $i) (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 6561))))
    (i32.const 0))
  (func (export "run") (result i32)
    (local $wrong i32)
    (local.set $wrong (call $sweep))
    (if (local.get $wrong) (then (return (local.get $wrong))))
    (drop (memory.grow (i32.const 1)))
    (local.set $wrong (call $sweep))
    (if (local.get $wrong) (then (return (i32.add (local.get $wrong) (i32.const 10000)))))
    (memory.init $done (i32.const 0) (i32.const 0) (i32.const 34))
    (call $write_output (i32.const 0) (i32.const 34))))
