;; Has a data segment that lies beyond its memory.
(module
  (memory (export "memory") 1)
  (data (i32.const 0xFFFFFFF0) "beyond the end of everything")
  (func (export "run")))
