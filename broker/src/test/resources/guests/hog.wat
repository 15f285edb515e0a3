;; Takes all the memory that it gets, page by page, and then gives up as an allocator does.
(module
  (memory (export "memory") 1)
  (func (export "run")
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    unreachable))
