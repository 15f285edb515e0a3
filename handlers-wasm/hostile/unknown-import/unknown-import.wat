;; Imports a function that would start a process.
(module
  (import "wasi_snapshot_preview1" "proc_exec" (func (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run")))
