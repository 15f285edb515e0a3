;; Waits for very short times, without end: 0 to 1 ms, each 91 us longer than the one before.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32)
    ;; one subscription at 0: the clock 1
    (i32.store (i32.const 16) (i32.const 1))
    (loop $again
      (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
      (i64.store (i32.const 24)
        (i64.rem_u (i64.add (i64.load (i32.const 24)) (i64.const 91000)) (i64.const 1000001)))
      (br $again))
    (unreachable)))
