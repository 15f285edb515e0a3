;; Writes to all the memory it may have, again and again, for as long as it may run.
(module
  (memory (export "memory") 1)
  (func (export "run")
    (drop (memory.grow (i32.const 255)))
    (loop $again
      (memory.fill (i32.const 0) (i32.const 165) (i32.shl (memory.size) (i32.const 16)))
      (br $again))))
