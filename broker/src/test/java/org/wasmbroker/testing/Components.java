package org.wasmbroker.testing;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.Wat;

/**
 * Builds components for tests: a core module that has the memory and gives it out, and one with the
 * code that a test wants.
 */
public final class Components {
  private static final String FAILURE =
      """
        (type $failure-type (record (field "type" string) (field "message" string)
          (field "retryable" bool) (field "code" (option string))
          (field "retry-after-ms" (option u64)) (field "context" (option string))))
        (export $failure "failure" (type $failure-type))
      """;

  private static final String REALLOC =
      """
          (global $next (mut i32) (i32.const 4096))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
            (global.set $next (i32.add (local.get $at) (local.get 3)))
            (block $done
              (loop $grow
                (br_if $done
                  (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
                (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))
                (br $grow)))
            (local.get $at))
      """;

  private static final String STREAMS =
      """
      (export "input-stream" (type $input-stream (sub resource)))
      (export "output-stream" (type $output-stream (sub resource)))
      (alias outer 1 $error-type (type $outer))
      (export "error" (type $error (eq $outer)))
      (type $error-case (variant (case "last-operation-failed" (own $error)) (case "closed")))
      (export "stream-error" (type $stream-error (eq $error-case)))
      (export "[method]input-stream.blocking-read" (func (param "self" (borrow $input-stream))
        (param "len" u64) (result (result (list u8) (error $stream-error)))))
      (export "[method]output-stream.blocking-write-and-flush"
        (func (param "self" (borrow $output-stream)) (param "contents" (list u8))
          (result (result (error $stream-error)))))
      """;

  private final List<String> imports = new ArrayList<>();
  private final List<String> lowerings = new ArrayList<>();
  private final List<String> given = new ArrayList<>();
  private final List<String> wanted = new ArrayList<>();
  private String realloc = REALLOC;
  private String memory = "1";
  private String code = "";

  /** Returns the step document as the result of the step. */
  public static WasmBinary echo() {
    return new Components().code(returning("(local.get 0)", "(local.get 1)")).handler();
  }

  /**
   * A command that writes what it reads to its output.
   *
   * @param version of WASI
   * @param code 0 if it ends well, 1 if not
   */
  public static WasmBinary copying(String version, int code) {
    return new Components()
        .instance("error", "wasi:io/error@" + version, "(export \"error\" (type (sub resource)))")
        .outer("(alias export $error \"error\" (type $error-type))")
        .instance("streams", "wasi:io/streams@" + version, STREAMS)
        .outer("(alias export $streams \"input-stream\" (type $input))")
        .outer("(alias export $streams \"output-stream\" (type $output))")
        .instance(
            "stdin",
            "wasi:cli/stdin@" + version,
            """
                (alias outer 1 $input (type $outer))
                (export "input-stream" (type $input-stream (eq $outer)))
                (export "get-stdin" (func (result (own $input-stream))))
                """)
        .instance(
            "stdout",
            "wasi:cli/stdout@" + version,
            """
                (alias outer 1 $output (type $outer))
                (export "output-stream" (type $output-stream (eq $outer)))
                (export "get-stdout" (func (result (own $output-stream))))
                """)
        .function("stdin", "get-stdin", "stdin", "(result i32)")
        .function("stdout", "get-stdout", "stdout", "(result i32)")
        .function("streams", "[method]input-stream.blocking-read", "read", "(param i32 i64 i32)")
        .function(
            "streams",
            "[method]output-stream.blocking-write-and-flush",
            "write",
            "(param i32 i32 i32 i32)")
        .drop("streams", "input-stream", "close")
        .code(
            """
                (global $in (mut i32) (i32.const 0))
                (global $out (mut i32) (i32.const 0))
                (func (export "run") (result i32)
                  (global.set $in (call $stdin))
                  (global.set $out (call $stdout))
                  (block $end
                    (loop $more
                      (call $read (global.get $in) (i64.const 7) (i32.const 16))
                      (br_if $end (i32.load8_u (i32.const 16)))
                      (call $write (global.get $out) (i32.load (i32.const 20))
                        (i32.load (i32.const 24)) (i32.const 40))
                      (br $more)))
                  (call $close (global.get $in))
                  (i32.const %d))
                """
                .formatted(code))
        .command();
  }

  /** A {@code run} that returns these bytes of its memory as its result. */
  public static String returning(String pointer, String length) {
    return run(
        "(i32.store8 (i32.const 16) (i32.const 0))"
            + "(i32.store (i32.const 24) "
            + pointer
            + ") (i32.store (i32.const 28) "
            + length
            + ") (i32.const 16)");
  }

  /** A {@code run} with this body: the step document is at local 0, of length local 1. */
  public static String run(String body) {
    return "(func (export \"run\") (param i32 i32) (result i32) " + body + ")";
  }

  /**
   * Imports an interface.
   *
   * @param declarations in the text of the type of an instance
   */
  public Components instance(String id, String name, String declarations) {
    imports.add("(import \"%s\" (instance $%s %s))".formatted(name, id, declarations));
    return this;
  }

  /** Adds what belongs between imported interfaces, such as a name of a type of one. */
  public Components outer(String declaration) {
    imports.add(declaration);
    return this;
  }

  /** Gives a function of an imported interface to the code, as {@code $core}. */
  public Components function(String instance, String name, String core, String coreType) {
    lowerings.add(
        """
        (core func $%s (canon lower (func $%s "%s")
          (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        """
            .formatted(core, instance, name));
    return given(core, coreType);
  }

  /** Gives the function to the code that gives a handle of a resource back. */
  public Components drop(String instance, String resource, String core) {
    lowerings.add(
        """
        (alias export $%s "%s" (type $%s-type))
        (core func $%s (canon resource.drop $%s-type))
        """
            .formatted(instance, resource, core, core, core));
    return given(core, "(param i32)");
  }

  private Components given(String core, String coreType) {
    given.add("(export \"%s\" (func $%s))".formatted(core, core));
    wanted.add("(import \"host\" \"%s\" (func $%s %s))".formatted(core, core, coreType));
    return this;
  }

  /** What gives out memory, in the place of one that gives all there is. */
  public Components realloc(String newRealloc) {
    realloc = newRealloc;
    return this;
  }

  /** The size of the memory, and its maximum if there is one, in pages. */
  public Components memory(String newMemory) {
    memory = newMemory;
    return this;
  }

  /** The functions and what else there is in the core module that is the program. */
  public Components code(String newCode) {
    code = newCode;
    return this;
  }

  /** A component that exports {@code run} of a handler. */
  public WasmBinary handler() {
    return Wat.toWasm(
        component(
            FAILURE
                + """
                  (func $run (param "step" string) (result (result string (error $failure)))
                    (canon lift (core func $main "run")
                      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
                  (export "run" (func $run))
                """));
  }

  /** A component that exports {@code wasi:cli/run}. */
  public WasmBinary command() {
    return Wat.toWasm(
        component(
            """
              (func $run (result (result)) (canon lift (core func $main "run")))
              (instance $command (export "run" (func $run)))
              (export "wasi:cli/run@0.2.3" (instance $command))
            """));
  }

  private String component(String exports) {
    return """
    (component
      %s
      (core module $libc-module
        (memory (export "memory") %s)
        %s)
      (core instance $libc (instantiate $libc-module))
      %s
      (core module $main-module
        (import "libc" "memory" (memory 0))
        (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
        %s
        %s)
      (core instance $main (instantiate $main-module
        (with "libc" (instance $libc))
        (with "host" (instance %s))))
      %s)
    """
        .formatted(
            String.join("\n", imports),
            memory,
            realloc,
            String.join("\n", lowerings),
            String.join("\n", wanted),
            code,
            String.join(" ", given),
            exports);
  }
}
