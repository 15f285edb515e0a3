;; Raises every signal, looks for arguments and an environment.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_raise"
    (func $proc_raise (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (func (export "run") (result i32)
    (local $signal i32)
    (loop $next
      (if (i32.ne (call $proc_raise (local.get $signal)) (i32.const 52)) (then (return (i32.const 1))))
      (local.set $signal (i32.add (local.get $signal) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $signal) (i32.const 32))))
    (i64.store (i32.const 128) (i64.const -1))
    (if (call $environ_sizes_get (i32.const 128) (i32.const 132)) (then (return (i32.const 2))))
    (if (i64.ne (i64.load (i32.const 128)) (i64.const 0)) (then (return (i32.const 3))))
    (i64.store (i32.const 128) (i64.const -1))
    (if (call $args_sizes_get (i32.const 128) (i32.const 132)) (then (return (i32.const 4))))
    ;; the program's name is the only one
    (if (i32.ne (i32.load (i32.const 128)) (i32.const 1)) (then (return (i32.const 5))))
    (if (i32.ne (i32.load (i32.const 132)) (i32.const 15)) (then (return (i32.const 6))))
    (call $write_output (i32.const 0) (i32.const 34))))
