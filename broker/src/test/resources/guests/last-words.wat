;; Says on stderr, in two pieces, why it gives up; and something on stdout.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "first line\nno bananas\1b[31m left\nnote: run with `RUST_BACKTRACE=1`\n")
  (data (i32.const 256) "on stdout")
  (func $write (param $fd i32) (param $from i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $from))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "run")
    (call $write (i32.const 2) (i32.const 64) (i32.const 14))
    (call $write (i32.const 2) (i32.const 78) (i32.const 52))
    (call $write (i32.const 1) (i32.const 256) (i32.const 9))
    unreachable))
