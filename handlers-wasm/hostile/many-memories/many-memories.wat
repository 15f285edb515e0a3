;; Defines a second memory, which no limit of the first one counts.
(module
  (memory (export "memory") 1)
  (memory 1)
  (func (export "run")))
