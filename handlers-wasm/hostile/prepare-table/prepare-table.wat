;; Changes its table in prepare, so that another run would call other functions.
(module
  (memory (export "memory") 1)
  (table $table 1 funcref)
  (elem declare func $other)
  (func $other)
  (func (export "prepare") (table.set $table (i32.const 0) (ref.func $other)))
  (func (export "run")))
