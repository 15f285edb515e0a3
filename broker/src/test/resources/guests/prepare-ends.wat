;; Ends prepare as the first byte of the configuration says; run writes the pages of memory.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 512) "preparing")

  (func $is (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (i32.const 0)) (local.get $letter)))

  (func $recurse (param i32) (result i32)
    (i32.add (call $recurse (local.get 0)) (i32.const 1)))

  (func (export "prepare") (result i32)
    (drop (call $read_input (i32.const 0) (i32.const 100)))
    (drop (call $log (i32.const 2) (i32.const 512) (i32.const 9) (i32.const 0) (i32.const 0)))
    (if (call $is (i32.const 117)) (then unreachable)) ;; u
    (if (call $is (i32.const 99)) (then (return (i32.const 7)))) ;; c
    (if (call $is (i32.const 101)) (then (call $exit (i32.const 0)))) ;; e
    (if (call $is (i32.const 120)) (then (call $exit (i32.const 3)))) ;; x
    (if (call $is (i32.const 97)) ;; a
      (then (call $abort (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2))))
    (if (call $is (i32.const 114)) (then (return (call $recurse (i32.const 0))))) ;; r
    (if (call $is (i32.const 108)) (then (loop $forever (br $forever)))) ;; l
    (if (call $is (i32.const 104)) ;; h
      (then (loop $forever (drop (call $read_input (i32.const 0) (i32.const 0))) (br $forever))))
    (if (call $is (i32.const 109)) ;; m
      (then
        (loop $more
          (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        unreachable))
    (if (call $is (i32.const 103)) ;; g
      (then
        (loop $more
          (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))))
    (if (call $is (i32.const 102)) ;; f
      (then
        (drop (memory.grow (i32.const 4)))
        (memory.fill (i32.const 65536) (i32.const 1) (i32.const 262144))))
    (i32.const 0))

  (func (export "run") (result i32)
    (i32.store (i32.const 0) (memory.size))
    (call $write_output (i32.const 0) (i32.const 4))))
