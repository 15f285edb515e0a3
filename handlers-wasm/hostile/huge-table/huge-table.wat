;; Begins with a table of a million elements.
(module
  (memory (export "memory") 1)
  (table 1000000 funcref)
  (func (export "run")))
