;; Grows a table until it is refused, which has to be at ten thousand elements.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (table $table 1 funcref)
  (func (export "run") (result i32)
    (loop $more
      (br_if $more (i32.ne (table.grow $table (ref.null func) (i32.const 100)) (i32.const -1))))
    (if (i32.gt_u (table.size $table) (i32.const 10000)) (then (return (i32.const 1))))
    (call $write_output (i32.const 0) (i32.const 34))))
