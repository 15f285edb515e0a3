;; A command that writes to stderr for ever.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 65520))
    (memory.fill (i32.const 16) (i32.const 10) (i32.const 65520))
    (memory.fill (i32.const 1024) (i32.const 65) (i32.const 60000))
    (loop $more
      (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $more))))
