;; Exits as if it were the broker itself, with the code of a killed process.
(module
  (import "wasi_snapshot_preview1" "proc_exit"
    (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "run") (call $proc_exit (i32.const 137))))
