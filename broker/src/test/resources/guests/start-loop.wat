;; Never comes to run: its start function does not end.
(module
  (memory (export "memory") 1)
  (func $start (loop $for_ever (br $for_ever)))
  (start $start)
  (func (export "run")))
