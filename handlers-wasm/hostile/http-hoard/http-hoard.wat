;; Sends the request that is its input, keeps every answer open, and leaves without closing one.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "http_request" (func $http_request (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  ;; The broker's own document of the error, as the step's error.
  (func $refused (result i32)
    (local $length i32)
    (memory.init $failed (i32.const 0) (i32.const 0) (i32.const 27))
    (local.set $length (call $http_request (i32.const 4) (i32.const 0) (i32.const 27) (i32.const 60000)))
    (i32.store8 (i32.add (i32.const 27) (local.get $length)) (i32.const 125))
    (call $write_output (i32.const 0) (i32.add (i32.const 28) (local.get $length))))
  (data $failed "{\"status\":\"failed\",\"error\":")
  (data $done "{\"status\":\"completed\",\"result\":{}}")
  (func $done (result i32)
    (memory.init $done (i32.const 0) (i32.const 0) (i32.const 34))
    (call $write_output (i32.const 0) (i32.const 34)))
  (func (export "run") (result i32)
    (local $length i32)
    (local $answer i32)
    (local.set $length (call $read_input (i32.const 0x10000) (i32.const 0x10000)))
    (loop $more
      (local.set $answer (call $http_request (i32.const 0) (i32.const 0) (i32.const 0x10000) (local.get $length)))
      (br_if $more (i32.gt_s (local.get $answer) (i32.const 0))))
    ;; -4 is STATE: too many are open
    (if (i32.ne (local.get $answer) (i32.const -4)) (then (return (call $refused))))
    (call $done)))
