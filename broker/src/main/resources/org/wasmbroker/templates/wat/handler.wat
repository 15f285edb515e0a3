;; Greets whom the step's context names: finds the text of "who" in the step document and puts it into the result.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "log" (func $log (param i32 i32 i32 i32 i32) (result i32)))

  ;; The texts are in the first 1 KiB, the output is at 1 KiB, the input is at 64 KiB.
  (memory (export "memory") 2 16)
  (data (i32.const 0) "\"who\"")
  (data (i32.const 16) "{\"status\":\"completed\",\"result\":{\"greeting\":\"Hello, ")
  (data (i32.const 128) "!\"}}")
  (data (i32.const 256) "{\"status\":\"failed\",\"error\":{\"type\":\"nobody\",\"message\":\"the step document has no text \\\"who\\\"\",\"retryable\":false}}")
  (data (i32.const 512) "greeted")

  (func (export "run") (result i32)
    (local $end i32)      ;; the end of the input
    (local $from i32)     ;; the first character of the text
    (local $to i32)       ;; its closing quote
    (local $length i32)

    ;; A document that does not fit gets memory, and is read again.
    (local.set $length (call $read_input (i32.const 65536) (i32.const 65536)))
    (if (i32.lt_s (local.get $length) (i32.const 0))
      (then (return (i32.const 1))))
    (if (i32.gt_u (local.get $length) (i32.const 65536))
      (then
        (if (i32.eq
              (memory.grow (i32.shr_u (i32.add (local.get $length) (i32.const 65535)) (i32.const 16)))
              (i32.const -1))
          (then (return (i32.const 2))))
        (drop (call $read_input (i32.const 65536) (local.get $length)))))
    (local.set $end (i32.add (i32.const 65536) (local.get $length)))

    (local.set $from (call $text_of_who (local.get $end)))
    (if (i32.eqz (local.get $from))
      (then (return (call $write_output (i32.const 256) (i32.const 113)))))
    (local.set $to (call $closing_quote (local.get $from) (local.get $end)))
    (local.set $length (i32.sub (local.get $to) (local.get $from)))
    (if (i32.gt_u (local.get $length) (i32.const 1000))
      (then (return (call $write_output (i32.const 256) (i32.const 113)))))

    (drop (call $log (i32.const 2) (i32.const 512) (i32.const 7) (i32.const 0) (i32.const 0)))
    (memory.copy (i32.const 1024) (i32.const 16) (i32.const 51))
    (memory.copy (i32.const 1075) (local.get $from) (local.get $length))
    (memory.copy (i32.add (i32.const 1075) (local.get $length)) (i32.const 128) (i32.const 4))
    (call $write_output (i32.const 1024) (i32.add (i32.const 55) (local.get $length))))

  ;; Where the text after "who" and a colon begins; 0 if there is none.
  (func $text_of_who (param $end i32) (result i32)
    (local $at i32)
    (local $after i32)
    (local.set $at (i32.const 65536))
    (loop $search
      (if (i32.gt_u (i32.add (local.get $at) (i32.const 7)) (local.get $end))
        (then (return (i32.const 0))))
      (if (i32.and
            (i32.eq (i32.load (local.get $at)) (i32.load (i32.const 0)))
            (i32.eq (i32.load8_u offset=4 (local.get $at)) (i32.const 0x22)))
        (then
          (local.set $after (call $skip (i32.add (local.get $at) (i32.const 5)) (i32.const 0x3a)))
          (if (i32.eq (i32.load8_u (local.get $after)) (i32.const 0x22))
            (then (return (i32.add (local.get $after) (i32.const 1)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $search))
    (unreachable))

  ;; The first place that has neither a space nor this character.
  (func $skip (param $at i32) (param $also i32) (result i32)
    (local $character i32)
    (loop $next
      (local.set $character (i32.load8_u (local.get $at)))
      (if (i32.or
            (i32.eq (local.get $character) (i32.const 0x20))
            (i32.eq (local.get $character) (local.get $also)))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $at))

  ;; The quote that ends a text of JSON: the first one that has no backslash before it.
  (func $closing_quote (param $at i32) (param $end i32) (result i32)
    (local $character i32)
    (loop $next
      (local.set $character (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $character) (i32.const 0x5c))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (br_if $next (i32.lt_u (local.get $at) (local.get $end)))))
      (if (i32.ne (local.get $character) (i32.const 0x22))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $at) (local.get $end))))))
    (local.get $at)))
