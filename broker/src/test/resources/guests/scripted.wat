;; Does what the configuration in its step document says. Members that it looks for, in this order, with A the attempt:
;;   "sleep_A", "sleep"     milliseconds to wait first, when the step has no checkpoint
;;   "rest_A", "rest"       milliseconds to wait first, when it has one
;;   "resume_A", "resume"   the result document to write when the step has a checkpoint
;;   "on_A", "on"           the result document to write otherwise
;; No string in the document may have a brace in it. Where there is nothing to write, it ends with 9.
(module
  (import "wasm_broker_v1" "read_input" (func $read_input (param i32 i32) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  ;; 0: a subscription of the monotonic clock; 48: the event; 80: how many events
  (data (i32.const 100) "\"attempt\"")
  (data (i32.const 120) "\"checkpoint\"")
  (data (i32.const 140) "\"sleep_0\"")
  (data (i32.const 160) "\"sleep\"")
  (data (i32.const 180) "\"resume_0\"")
  (data (i32.const 200) "\"resume\"")
  (data (i32.const 220) "\"on_0\"")
  (data (i32.const 240) "\"on\"")
  (data (i32.const 260) "\"rest_0\"")
  (data (i32.const 280) "\"rest\"")
  (global $input i32 (i32.const 1024))
  (global $end (mut i32) (i32.const 0))

  (func $skip_spaces (param $at i32) (result i32)
    (loop $next
      (if (i32.le_u (i32.load8_u (local.get $at)) (i32.const 32))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $at))

  (func $equal (param $a i32) (param $b i32) (param $length i32) (result i32)
    (loop $next
      (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
      (if (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b)))
        (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 1)))
      (local.set $b (i32.add (local.get $b) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; Where the value of the first member with this quoted name begins, or 0.
  (func $member (param $name i32) (param $length i32) (result i32) (local $at i32) (local $value i32)
    (local.set $at (global.get $input))
    (loop $next
      (if (i32.gt_u (i32.add (local.get $at) (local.get $length)) (global.get $end))
        (then (return (i32.const 0))))
      (if (call $equal (local.get $at) (local.get $name) (local.get $length))
        (then
          (local.set $value (call $skip_spaces (i32.add (local.get $at) (local.get $length))))
          (if (i32.eq (i32.load8_u (local.get $value)) (i32.const 58)) ;; a colon
            (then (return (call $skip_spaces (i32.add (local.get $value) (i32.const 1))))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))
    (unreachable))

  (func $number (param $at i32) (result i64) (local $value i64) (local $digit i32)
    (loop $next
      (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
      (if (i32.lt_u (local.get $digit) (i32.const 10))
        (then
          (local.set $value
            (i64.add
              (i64.mul (local.get $value) (i64.const 10))
              (i64.extend_i32_u (local.get $digit))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $value))

  ;; The length of the object that begins here: up to the brace that closes it.
  (func $object (param $from i32) (result i32) (local $at i32) (local $depth i32) (local $byte i32)
    (local.set $at (local.get $from))
    (loop $next
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 123))
        (then (local.set $depth (i32.add (local.get $depth) (i32.const 1)))))
      (if (i32.eq (local.get $byte) (i32.const 125))
        (then (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (local.get $depth)))
    (i32.sub (local.get $at) (local.get $from)))

  (func $sleep (param $milliseconds i64)
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.mul (local.get $milliseconds) (i64.const 1000000)))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 48) (i32.const 1) (i32.const 80))))

  ;; The value of the member for this attempt, or else of the one for all, or 0.
  (func $told (param $one i32) (param $one_length i32) (param $all i32) (param $all_length i32)
    (result i32) (local $value i32)
    (local.set $value (call $member (local.get $one) (local.get $one_length)))
    (if (i32.eqz (local.get $value))
      (then (local.set $value (call $member (local.get $all) (local.get $all_length)))))
    (local.get $value))

  (func (export "run") (result i32)
    (local $attempt i32) (local $resumed i32) (local $time i32) (local $document i32)
    (global.set $end
      (i32.add (global.get $input) (call $read_input (global.get $input) (i32.const 200000))))
    (local.set $attempt (i32.load8_u (call $member (i32.const 100) (i32.const 9))))
    (i32.store8 (i32.const 147) (local.get $attempt))
    (i32.store8 (i32.const 188) (local.get $attempt))
    (i32.store8 (i32.const 224) (local.get $attempt))
    (i32.store8 (i32.const 266) (local.get $attempt))
    (local.set $resumed
      (i32.ne
        (i32.load8_u (call $member (i32.const 120) (i32.const 12)))
        (i32.const 110))) ;; the n of null
    (local.set $time
      (if (result i32) (local.get $resumed)
        (then (call $told (i32.const 260) (i32.const 8) (i32.const 280) (i32.const 6)))
        (else (call $told (i32.const 140) (i32.const 9) (i32.const 160) (i32.const 7)))))
    (if (local.get $time) (then (call $sleep (call $number (local.get $time)))))
    (local.set $document
      (if (result i32) (local.get $resumed)
        (then (call $told (i32.const 180) (i32.const 10) (i32.const 200) (i32.const 8)))
        (else (call $told (i32.const 220) (i32.const 6) (i32.const 240) (i32.const 4)))))
    (if (i32.eqz (local.get $document)) (then (return (i32.const 9))))
    (call $write_output (local.get $document) (call $object (local.get $document)))))
