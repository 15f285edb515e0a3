;; Grows a table until it is refused, and gives up.
(module
  (memory (export "memory") 1)
  (table $table 1 funcref)
  (func (export "run")
    (loop $more
      (if (i32.eq (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1))
        (then (unreachable)))
      (br $more))))
