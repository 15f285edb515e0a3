;; Writes bodies of requests without end, and sends none.
(module
  (import "wasm_broker_v1" "http_request" (func $http_request (param i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (func (export "run") (result i32)
    (local $handle i32)
    (local $i i32)
    (local $refused i32)
    (local $answer i32)
    ;; as many as can be open, and not one more
    (loop $begin
      (local.set $handle (call $http_request (i32.const 5) (i32.const 0) (i32.const 0) (i32.const 34)))
      (if (i32.ne (local.get $handle) (i32.add (local.get $i) (i32.const 1))) (then (return (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $begin (i32.lt_u (local.get $i) (i32.const 8))))
    (if (i32.ne (call $http_request (i32.const 5) (i32.const 0) (i32.const 0) (i32.const 34)) (i32.const -4))
      (then (return (i32.const 2))))
    ;; 4000 pieces of 64 KiB: all but the first 8 MiB are refused with BUDGET
    (local.set $i (i32.const 0))
    (loop $write
      (local.set $answer
        (call $http_request
          (i32.const 6)
          (i32.add (i32.rem_u (local.get $i) (i32.const 8)) (i32.const 1))
          (i32.const 0)
          (i32.const 65536)))
      (if (local.get $answer)
        (then
          (if (i32.ne (local.get $answer) (i32.const -10)) (then (return (i32.const 3))))
          (local.set $refused (i32.add (local.get $refused) (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $write (i32.lt_u (local.get $i) (i32.const 4000))))
    (if (i32.ne (local.get $refused) (i32.const 3872)) (then (return (i32.const 4))))
    (call $write_output (i32.const 0) (i32.const 34))))
