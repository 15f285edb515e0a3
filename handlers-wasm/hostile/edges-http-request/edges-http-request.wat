;; Calls http_request with every operation, handles of which hardly any is open, and every pair of edges, before and after growth.
(module
  (import "wasm_broker_v1" "http_request" (func $http_request (param i32 i32 i32 i32) (result i32)))
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
  ;; An error of the ABI, or 0 where nothing is asked of a server: no error yet, an empty document.
  (func $wrong (param $op i32) (param $handle i32) (param $from i32) (param $length i32) (result i32)
    (local $answer i32)
    (local.set $answer (call $http_request (local.get $op) (local.get $handle) (local.get $from) (local.get $length)))
    (if (i32.eqz (call $holds (local.get $from) (local.get $length)))
      (then (return (i32.ne (local.get $answer) (i32.const -1)))))
    ;; 4 asks for the last error, whose length is never negative
    (if (i32.eq (local.get $op) (i32.const 4))
      (then (return (i32.lt_s (local.get $answer) (i32.const 0)))))
    (if (i32.lt_s (local.get $answer) (i32.const -10)) (then (return (i32.const 1))))
    ;; 5 begins requests, whose handles 3 may close and to which 6 may add
    (if (i32.or
          (i32.eq (local.get $op) (i32.const 3))
          (i32.or (i32.eq (local.get $op) (i32.const 5)) (i32.eq (local.get $op) (i32.const 6))))
      (then (return (i32.const 0))))
    (i32.ge_s (local.get $answer) (i32.const 0)))
  (func $sweep (result i32)
    (local $i i32)
    (loop $next
      (if (call $wrong
            (i32.sub (i32.rem_u (i32.div_u (local.get $i) (i32.const 81)) (i32.const 9)) (i32.const 1))
            (i32.sub (i32.div_u (local.get $i) (i32.const 729)) (i32.const 1))
            (call $edge (i32.rem_u (local.get $i) (i32.const 9)))
            (call $edge (i32.rem_u (i32.div_u (local.get $i) (i32.const 9)) (i32.const 9))))
        (then (return (i32.add (local.get $i) (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 2187))))
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
