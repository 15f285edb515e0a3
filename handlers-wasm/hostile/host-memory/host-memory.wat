;; Imports a memory of the host's.
(module
  (import "env" "memory" (memory 1))
  (export "memory" (memory 0))
  (func (export "run")))
