;; Asks for all memory at once, and gives up without it.
(module
  (memory (export "memory") 1)
  (func (export "run")
    (if (i32.eq (memory.grow (i32.const 65535)) (i32.const -1))
      (then (unreachable)))))
