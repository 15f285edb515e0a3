;; Logs its input as a message, as often as the host lets it, and returns what the host answered last.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "run") (result i32) (local $length i32) (local $answer i32)
    (local.set $length (call $read_input (i32.const 0) (i32.const 131072)))
    (loop $again
      (local.set $answer
        (call $log
          (i32.const 1) (i32.const 0) (local.get $length) (i32.const 0) (i32.const 0)))
      (br_if $again (i32.eqz (local.get $answer))))
    (local.get $answer)))
