;; Fails with a message that would take over a terminal and forge log lines.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"failed\",\"error\":{\"type\":\"forged\",\"message\":\"\5cu001b[2J\5cr\5cn2026-01-01 ERROR all is lost\5cu009b31m\5cu202e\"}}")
  (func (export "run") (result i32) (call $write_output (i32.const 0) (i32.const 114))))
