;; A WASI command: writes what it reads on stdin to stdout, 7 bytes at a time, and a line to stderr.
;; An input that begins with a digit ends it with that exit code.
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "read it all\n")
  ;; 0: an iovec; 8: bytes moved; 16: the bytes
  (func $write (param $fd i32) (param $from i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $from))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (local $first i32)
    (block $end
      (loop $more
        (i32.store (i32.const 0) (i32.const 16))
        (i32.store (i32.const 4) (i32.const 7))
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (if (i32.eqz (local.get $first))
          (then (local.set $first (i32.load8_u (i32.const 16)))))
        (call $write (i32.const 1) (i32.const 16) (i32.load (i32.const 8)))
        (br $more)))
    (call $write (i32.const 2) (i32.const 64) (i32.const 12))
    (if (i32.lt_u (i32.sub (local.get $first) (i32.const 48)) (i32.const 10))
      (then (call $proc_exit (i32.sub (local.get $first) (i32.const 48)))))))
