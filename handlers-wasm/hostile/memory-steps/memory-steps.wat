;; Takes a page at a time and writes to each, until there is no more.
(module
  (memory (export "memory") 1)
  (func (export "run")
    (local $page i32)
    (loop $more
      (local.set $page (memory.grow (i32.const 1)))
      (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
      (memory.fill (i32.shl (local.get $page) (i32.const 16)) (i32.const 165) (i32.const 65536))
      (br $more))))
