;; Logs twenty thousand lines.
(module
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (func (export "run") (result i32)
    (local $left i32)
    (local.set $left (i32.const 20000))
    (loop $more
      (drop (call $log (i32.const 4) (i32.const 0) (i32.const 34) (i32.const 0) (i32.const 0)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left)))
    (call $write_output (i32.const 0) (i32.const 34))))
