;; Never ends prepare.
(module
  (memory (export "memory") 1)
  (func (export "prepare") (loop $forever (br $forever)))
  (func (export "run")))
