;; Never ends either, and begins with it while it is instantiated.
(module
  (memory (export "memory") 1)
  (func $start (loop $for_ever (br $for_ever)))
  (start $start)
  (func (export "run")))
