;; Accepts, reads and writes sockets on every descriptor up to 1000.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_accept"
    (func $sock_accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv"
    (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send"
    (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_shutdown"
    (func $sock_shutdown (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (func (export "run") (result i32)
    (local $fd i32)
    (loop $next
      (if (i32.eqz (call $sock_accept (local.get $fd) (i32.const 0) (i32.const 128)))
        (then (return (i32.const 1))))
      (if (i32.eqz (call $sock_recv (local.get $fd) (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 128) (i32.const 132)))
        (then (return (i32.const 2))))
      (if (i32.eqz (call $sock_send (local.get $fd) (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 128)))
        (then (return (i32.const 3))))
      (if (i32.eqz (call $sock_shutdown (local.get $fd) (i32.const 3)))
        (then (return (i32.const 4))))
      (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $fd) (i32.const 1000))))
    (call $write_output (i32.const 0) (i32.const 34))))
