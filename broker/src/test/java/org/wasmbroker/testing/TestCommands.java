package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.Wat;

/** Commands that are guests, in WebAssembly's text format. */
public final class TestCommands {
  private static final String IMPORTS =
      """
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (memory (export "memory") 2)
      (func $write (param $fd i32) (param $at i32) (param $count i32)
        (local $errno i32)
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $count))
        (local.set $errno
          (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
        (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
      ;; Reads to 65536 and returns how many bytes.
      (func $read (param $fd i32) (result i32)
        (i32.store (i32.const 0) (i32.const 65536))
        (i32.store (i32.const 4) (i32.const 65536))
        (drop (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.load (i32.const 8)))
      (func $copy (param $from i32)
        (local $count i32)
        (loop $more
          (local.set $count (call $read (local.get $from)))
          (if (local.get $count)
            (then
              (call $write (i32.const 1) (i32.const 65536) (local.get $count))
              (br $more)))))
      """;

  private TestCommands() {}

  private static WasmBinary command(String body) {
    return Wat.toWasm("(module %s %s)".formatted(IMPORTS, body));
  }

  /** Copies its standard input to its standard output. */
  public static WasmBinary cat() {
    return command("(func (export \"_start\") (call $copy (i32.const 0)))");
  }

  /**
   * Writes its arguments and then its environment, each ending in a zero byte, copies its standard
   * input, writes {@code oh} to standard error, and exits with 7.
   */
  public static WasmBinary probe() {
    return command(
        """
        (data (i32.const 100) "oh\\n")
        (func (export "_start")
          (drop (call $args_sizes (i32.const 16) (i32.const 20)))
          (drop (call $args (i32.const 1000) (i32.const 2000)))
          (call $write (i32.const 1) (i32.const 2000) (i32.load (i32.const 20)))
          (drop (call $env_sizes (i32.const 16) (i32.const 20)))
          (drop (call $env (i32.const 1000) (i32.const 2000)))
          (call $write (i32.const 1) (i32.const 2000) (i32.load (i32.const 20)))
          (call $copy (i32.const 0))
          (call $write (i32.const 2) (i32.const 100) (i32.const 3))
          (call $proc_exit (i32.const 7)))
        """);
  }

  /**
   * Writes {@code new} to the file that its first argument names below the first directory, and
   * exits with the error number if that is refused.
   */
  public static WasmBinary writeFile() {
    return command(
        """
        (data (i32.const 100) "new")
        (func (export "_start") (local $path i32) (local $end i32) (local $errno i32)
          (drop (call $args_sizes (i32.const 16) (i32.const 20)))
          (drop (call $args (i32.const 1000) (i32.const 2000)))
          (local.set $path (i32.load (i32.const 1004)))
          (local.set $end (local.get $path))
          (loop $next
            (if (i32.load8_u (local.get $end))
              (then
                (local.set $end (i32.add (local.get $end) (i32.const 1)))
                (br $next))))
          (local.set $errno
            (call $path_open (i32.const 3) (i32.const 0) (local.get $path)
              (i32.sub (local.get $end) (local.get $path))
              (i32.const 1) (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 24)))
          (if (local.get $errno) (then (call $proc_exit (local.get $errno))))
          (call $write (i32.load (i32.const 24)) (i32.const 100) (i32.const 3)))
        """);
  }

  /** Writes without end. */
  public static WasmBinary yes() {
    return command(
        """
        (data (i32.const 100) "y\\n")
        (func (export "_start")
          (loop $again
            (call $write (i32.const 1) (i32.const 65536) (i32.const 65536))
            (br $again)))
        """);
  }

  /** Computes without end. */
  public static WasmBinary endless() {
    return command("(func (export \"_start\") (loop $again (br $again)))");
  }

  /** Takes all the memory that it gets, and then traps. */
  public static WasmBinary hog() {
    return command(
        """
        (func (export "_start")
          (loop $more
            (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
          unreachable)
        """);
  }

  /**
   * Reads the secret {@code key}, and writes it to its standard output, or to its standard error if
   * it has an argument.
   */
  public static WasmBinary secretTeller() {
    return secretReader(
        """
        (drop (call $args_sizes (i32.const 16) (i32.const 20)))
        (call $write (i32.load (i32.const 16)) (i32.const 200) (local.get $length))
        """);
  }

  /** Reads the secret {@code key}, and writes {@code ok}. */
  public static WasmBinary secretKeeper() {
    return secretReader(
        """
        (drop (local.get $length))
        (call $write (i32.const 1) (i32.const 104) (i32.const 3))
        """);
  }

  private static WasmBinary secretReader(String body) {
    return Wat.toWasm(
        """
        (module
          (import "wasm_broker_v1" "read_secret"
            (func $read_secret (param i32 i32 i32 i32) (result i32)))
          %s
          (data (i32.const 100) "key-ok\\n")
          (func (export "_start") (local $length i32)
            (local.set $length
              (call $read_secret (i32.const 100) (i32.const 3) (i32.const 200) (i32.const 1000)))
            (if (i32.lt_s (local.get $length) (i32.const 0)) (then (unreachable)))
            %s))
        """
            .formatted(IMPORTS, body));
  }

  /** Adds one to a directory of modules, with a manifest that says that it is a command. */
  public static void add(Path directory, String name, WasmBinary module) {
    add(
        directory,
        name,
        module,
        "{\"host_functions\":[],\"command\":{\"environment\":[\"LANG\"]},"
            + "\"files\":{\"/\":{\"mode\":\"read-write\",\"from\":\"input\"}}}");
  }

  /** The same with other capabilities. */
  public static void add(Path directory, String name, WasmBinary module, String capabilities) {
    var home = directory.resolve(name).resolve("1.0.0");
    try {
      Files.createDirectories(home);
      Files.write(home.resolve("module.wasm"), module.bytes());
      Files.writeString(
          home.resolve("manifest.json"),
          "{\"name\":\"%s\",\"version\":\"1.0.0\",\"abi\":\"1\",\"capabilities\":%s}"
              .formatted(name, capabilities));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
