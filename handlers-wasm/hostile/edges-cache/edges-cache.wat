;; Calls the functions of the cache with every edge, before and after growth.
(module
  (import "wasm_broker_v1" "cache_put" (func $put (param i32 i32 i32 i32 i64) (result i32)))
  (import "wasm_broker_v1" "cache_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "cache_delete" (func $delete (param i32 i32) (result i32)))
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
  ;; What is wrong with ranges and key: FAULT, INVALID, TOO_LARGE, or 0 for nothing.
  (func $expected (param $key i32) (param $key_length i32) (param $value i32) (param $value_length i32) (result i32)
    (if (i32.eqz
          (i32.and
            (call $holds (local.get $key) (local.get $key_length))
            (call $holds (local.get $value) (local.get $value_length))))
      (then (return (i32.const -1))))
    (if (i32.eqz (local.get $key_length)) (then (return (i32.const -2))))
    (select (i32.const -3) (i32.const 0) (i32.gt_u (local.get $key_length) (i32.const 512))))
  (func $wrong (param $key i32) (param $key_length i32) (param $value i32) (param $value_length i32) (result i32)
    (local $expected i32)
    (local $answer i32)
    (local.set $expected
      (call $expected (local.get $key) (local.get $key_length) (local.get $value) (local.get $value_length)))
    (local.set $answer
      (call $get (local.get $key) (local.get $key_length) (local.get $value) (local.get $value_length)))
    (if (local.get $expected)
      (then
        (if (i32.ne (local.get $answer) (local.get $expected)) (then (return (i32.const 1)))))
      (else
        ;; a length, or NOT_FOUND
        (if (i32.and (i32.lt_s (local.get $answer) (i32.const 0)) (i32.ne (local.get $answer) (i32.const -6)))
          (then (return (i32.const 1))))))
    (local.set $answer
      (call $put (local.get $key) (local.get $key_length) (local.get $value) (local.get $value_length) (i64.const 1000)))
    (if (local.get $expected)
      (then
        (return (i32.ne (local.get $answer) (local.get $expected)))))
    ;; kept, TOO_LARGE for what is granted, or BUDGET
    (i32.eqz
      (i32.or
        (i32.eqz (local.get $answer))
        (i32.or (i32.eq (local.get $answer) (i32.const -3)) (i32.eq (local.get $answer) (i32.const -10))))))
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
  (func $sweep_delete (result i32)
    (local $i i32)
    (local $expected i32)
    (local $answer i32)
    (loop $next
      (local.set $expected
        (call $expected
          (call $edge (i32.rem_u (local.get $i) (i32.const 9)))
          (call $edge (i32.div_u (local.get $i) (i32.const 9)))
          (i32.const 0) (i32.const 0)))
      (local.set $answer
        (call $delete
          (call $edge (i32.rem_u (local.get $i) (i32.const 9)))
          (call $edge (i32.div_u (local.get $i) (i32.const 9)))))
      (if (local.get $expected)
        (then
          (if (i32.ne (local.get $answer) (local.get $expected))
            (then (return (i32.add (local.get $i) (i32.const 1))))))
        (else
          (if (i32.gt_u (local.get $answer) (i32.const 1))
            (then (return (i32.add (local.get $i) (i32.const 1)))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 81))))
    (i32.const 0))
  (func (export "run") (result i32)
    (local $wrong i32)
    (local.set $wrong (call $sweep))
    (if (local.get $wrong) (then (return (local.get $wrong))))
    (local.set $wrong (call $sweep_delete))
    (if (local.get $wrong) (then (return (i32.add (local.get $wrong) (i32.const 20000)))))
    (drop (memory.grow (i32.const 1)))
    (local.set $wrong (call $sweep))
    (if (local.get $wrong) (then (return (i32.add (local.get $wrong) (i32.const 10000)))))
    (memory.init $done (i32.const 0) (i32.const 0) (i32.const 34))
    (call $write_output (i32.const 0) (i32.const 34))))
