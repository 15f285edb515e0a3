;; Fills all memory in prepare, and wants more.
(module
  (memory (export "memory") 1)
  (func (export "prepare") (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.fill (i32.const 0) (i32.const 165) (i32.shl (memory.size) (i32.const 16)))
    (i32.const 1))
  (func (export "run")))
