;; Opens, makes, links, reads and removes files.
(module
  (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file"
    (func $path_unlink_file (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $path_create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink"
    (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_readlink"
    (func $path_readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get"
    (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":\"completed\",\"result\":{}}")
  (data (i32.const 64) "/etc/passwd")
  (func (export "run") (result i32)
    (if (i32.ne (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 11) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 128)) (i32.const 8))
      (then (return (i32.const 1))))
    (if (i32.ne (call $path_open (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 11) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 128)) (i32.const 8))
      (then (return (i32.const 2))))
    (if (i32.ne (call $path_unlink_file (i32.const 3) (i32.const 64) (i32.const 11)) (i32.const 8))
      (then (return (i32.const 3))))
    (if (i32.ne (call $path_create_directory (i32.const 3) (i32.const 64) (i32.const 11)) (i32.const 8))
      (then (return (i32.const 4))))
    (if (i32.ne (call $path_symlink (i32.const 64) (i32.const 11) (i32.const 3) (i32.const 64) (i32.const 11)) (i32.const 8))
      (then (return (i32.const 5))))
    (if (i32.ne (call $path_readlink (i32.const 3) (i32.const 64) (i32.const 11) (i32.const 256) (i32.const 100) (i32.const 128)) (i32.const 8))
      (then (return (i32.const 6))))
    (if (i32.ne (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 11) (i32.const 256)) (i32.const 8))
      (then (return (i32.const 7))))
    (if (i32.ne (call $fd_prestat_get (i32.const 3) (i32.const 128)) (i32.const 8))
      (then (return (i32.const 8))))
    (if (i32.ne (call $fd_readdir (i32.const 3) (i32.const 256) (i32.const 100) (i64.const 0) (i32.const 128)) (i32.const 8))
      (then (return (i32.const 9))))
    (call $write_output (i32.const 0) (i32.const 34))))
