;; Returns 1 if it finds anything that an earlier run has left, in memory or in a global; leaves
;; something in both.
(module
  (memory (export "memory") 2)
  (global $seen (mut i32) (i32.const 0))
  (func $dirty (param $from i32) (param $to i32) (result i32) (local $found i64)
    (loop $next
      (local.set $found (i64.or (local.get $found) (i64.load (local.get $from))))
      (i64.store (local.get $from) (i64.const -1))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to))))
    (i64.ne (local.get $found) (i64.const 0)))
  (func (export "run") (result i32) (local $dirty i32)
    (local.set $dirty (global.get $seen))
    (global.set $seen (i32.const 1))
    (local.set $dirty
      (i32.or (local.get $dirty) (call $dirty (i32.const 0) (i32.const 131072))))
    (drop (memory.grow (i32.const 2)))
    (i32.or (local.get $dirty) (call $dirty (i32.const 131072) (i32.const 262144)))))
