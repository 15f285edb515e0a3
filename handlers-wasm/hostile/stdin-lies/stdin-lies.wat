;; A command that reads its input to where there is no memory.
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit"
    (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  ;; at 64 a range that begins beyond the end; at 72 one that is said to have 4 GiB; at 80 the result
  (data (i32.const 64) "\00\00\00\80\01\00\00\00\ff\ff\00\00\ff\ff\ff\ff\00\00\00\00\22\00\00\00")
  (func (export "_start")
    (if (i32.ne (call $fd_read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)) (i32.const 21))
      (then (call $proc_exit (i32.const 1))))
    (if (i32.ne (call $fd_read (i32.const 0) (i32.const 72) (i32.const 1) (i32.const 128)) (i32.const 21))
      (then (call $proc_exit (i32.const 2))))
    (if (i32.ne (call $fd_read (i32.const 0) (i32.const 64) (i32.const 0x20000001) (i32.const 128)) (i32.const 28))
      (then (call $proc_exit (i32.const 3))))
    (drop (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 128)))))
