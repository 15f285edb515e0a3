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
