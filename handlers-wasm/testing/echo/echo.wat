;; Gives the step document back as it is. Not a result document, and not meant as one: it shows what the host functions
;; carry, byte for byte. The document is read to the start of the memory, which grows when the document is larger.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 1)

  (func (export "run") (result i32)
    (local $capacity i32)
    (local $length i32)
    (local.set $capacity (i32.mul (memory.size) (i32.const 65536)))
    (local.set $length (call $read_input (i32.const 0) (local.get $capacity)))
    (if (i32.lt_s (local.get $length) (i32.const 0))
      (then (return (i32.const 1))))

    ;; Nothing was copied: grow to whole pages that hold the document, and read again.
    (if (i32.gt_u (local.get $length) (local.get $capacity))
      (then
        (if (i32.eq
              (memory.grow
                (i32.shr_u
                  (i32.add (i32.sub (local.get $length) (local.get $capacity)) (i32.const 65535))
                  (i32.const 16)))
              (i32.const -1))
          (then (return (i32.const 2))))
        (if (i32.ne
              (call $read_input (i32.const 0) (i32.mul (memory.size) (i32.const 65536)))
              (local.get $length))
          (then (return (i32.const 3))))))

    (if (i32.ne (call $write_output (i32.const 0) (local.get $length)) (i32.const 0))
      (then (return (i32.const 4))))
    (i32.const 0)))
