;; Never ends.
(module
  (memory (export "memory") 1)
  (func (export "run") (loop $for_ever (br $for_ever))))
