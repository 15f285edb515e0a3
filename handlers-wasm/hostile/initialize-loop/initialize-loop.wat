;; The initialiser never ends.
(module
  (memory (export "memory") 1)
  (func (export "_initialize") (loop $for_ever (br $for_ever)))
  (func (export "run")))
