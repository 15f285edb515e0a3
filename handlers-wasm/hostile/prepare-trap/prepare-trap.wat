;; Traps in prepare.
(module
  (memory (export "memory") 1)
  (func (export "prepare") unreachable)
  (func (export "run")))
