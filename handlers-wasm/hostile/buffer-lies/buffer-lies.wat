;; Hands over buffers that are smaller than it says, and lists of buffers that lie.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  ;; at 64 a list of two ranges: one good, one of 4 GiB; at 96 one range that begins beyond the end
  (data (i32.const 64) "\00\01\00\00\04\00\00\00\00\01\00\00\ff\ff\ff\ff")
  (data (i32.const 96) "\00\00\00\80\01\00\00\00")
  (func (export "run") (result i32)
    ;; the last byte of the memory is said to have room for everything
    (if (i32.ne (call $read_input (i32.const 65535) (i32.const -1)) (i32.const -1))
      (then (return (i32.const 1))))
    (if (i32.ne (call $write_output (i32.const 65535) (i32.const 2)) (i32.const -1))
      (then (return (i32.const 2))))
    (if (i32.ne (call $fd_write (i32.const 1) (i32.const 64) (i32.const 2) (i32.const 128)) (i32.const 21))
      (then (return (i32.const 3))))
    (if (i32.ne (call $fd_write (i32.const 2) (i32.const 96) (i32.const 1) (i32.const 128)) (i32.const 21))
      (then (return (i32.const 4))))
    (if (i32.ne (call $fd_write (i32.const 1) (i32.const 64) (i32.const -1) (i32.const 128)) (i32.const 28))
      (then (return (i32.const 5))))
    (if (i32.ne (call $random_get (i32.const 16) (i32.const -1)) (i32.const 21))
      (then (return (i32.const 6))))
    (if (i32.ne (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 0x55555555) (i32.const 0)) (i32.const 28))
      (then (return (i32.const 7))))
    (call $write_output (i32.const 0) (i32.const 34))))
