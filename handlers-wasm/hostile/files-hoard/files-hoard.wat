;; Takes as much of the broker's memory as files, holes, directories and descriptors can.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $set_size (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite" (func $pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_allocate" (func $allocate (param i32 i64 i64) (result i32)))
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  ;; one byte, and 64 KiB from 65536 on
  (data (i32.const 128) "\c8\00\00\00\01\00\00\00")
  (data (i32.const 136) "\00\00\01\00\00\00\01\00")
  ;; Opens or creates the file whose name is at 64, 4 bytes long; its descriptor is at 192.
  (func $open (result i32)
    (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 1)
      (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 192)))
  ;; The name of a file of this number: four letters.
  (func $name (param $number i32)
    (local $i i32)
    (loop $next
      (i32.store8
        (i32.add (i32.const 64) (local.get $i))
        (i32.add (i32.const 97) (i32.and (i32.shr_u (local.get $number) (i32.mul (local.get $i) (i32.const 4))) (i32.const 15))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 4)))))
  (func (export "run") (result i32)
    (local $i i32)
    (local $file i32)
    (call $name (i32.const 0))
    (if (call $open) (then (return (i32.const 1))))
    (local.set $file (i32.load (i32.const 192)))
    ;; sizes that nothing has
    (if (i32.eqz (call $set_size (local.get $file) (i64.const 0x4000000000000000))) (then (return (i32.const 2))))
    (if (i32.eqz (call $set_size (local.get $file) (i64.const -1))) (then (return (i32.const 3))))
    (if (i32.eqz (call $set_size (local.get $file) (i64.const 0x80000000))) (then (return (i32.const 4))))
    (if (i32.eqz (call $allocate (local.get $file) (i64.const 0) (i64.const 0x7FFFFFFFFFFFFFFF))) (then (return (i32.const 5))))
    ;; one byte behind a hole
    (if (i32.eqz (call $pwrite (local.get $file) (i32.const 128) (i32.const 1) (i64.const 0x7FFFFFFFFFFFFFF0) (i32.const 192)))
      (then (return (i32.const 6))))
    (if (i32.eqz (call $pwrite (local.get $file) (i32.const 128) (i32.const 1) (i64.const 0x10000000) (i32.const 192)))
      (then (return (i32.const 7))))
    ;; what is granted, in pieces; more than that is never taken
    (block $full
      (loop $next
        (br_if $full (call $write (local.get $file) (i32.const 136) (i32.const 1) (i32.const 192)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.le_u (local.get $i) (i32.const 16)))
        (return (i32.const 8))))
    ;; empty files and their descriptors, until one of both is used up
    (local.set $i (i32.const 1))
    (block $full
      (loop $next
        (call $name (local.get $i))
        (br_if $full (call $open))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 1000)))
        (return (i32.const 9))))
    ;; directories, as many as there may be
    (local.set $i (i32.const 0x4000))
    (block $full
      (loop $next
        (call $name (local.get $i))
        (br_if $full (call $create_directory (i32.const 3) (i32.const 64) (i32.const 4)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 0x5000)))
        (return (i32.const 10))))
    (call $write_output (i32.const 0) (i32.const 34))))
