package org.wasmbroker.testing;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.wasmbroker.sandbox.WasmBinary;

/**
 * Commands that use {@code wasi:filesystem}, for tests. What a function answers is written to 512,
 * names are at 1000, 1100, … of the memory. The code is that of a function with the locals {@code
 * $h} and {@code $n}, and has these functions beside those of the interface:
 *
 * <ul>
 *   <li>{@code $root}: the handle of the first directory;
 *   <li>{@code $must}, {@code $must4}, {@code $must8}: ends the run if what was answered is an
 *       error, with its number plus one as exit code; the number is how the rest of the answer is
 *       aligned;
 *   <li>{@code $open} (path, length, open-flags, descriptor-flags): the handle of what is opened;
 *   <li>{@code $say} (pointer, length), {@code $say-number} and {@code $say-answer}, a list at 4 of
 *       the answer: to standard output.
 * </ul>
 */
public final class FileComponents {
  /** The error codes in their order. */
  private static final String CODES =
      """
      access would-block already bad-descriptor busy deadlock quota exist file-too-large
      illegal-byte-sequence in-progress interrupted invalid io is-directory loop too-many-links
      message-size name-too-long no-device no-entry no-lock insufficient-memory insufficient-space
      not-directory not-empty not-recoverable unsupported no-tty no-such-device overflow
      not-permitted pipe read-only invalid-seek text-file-busy cross-device
      """;

  private static final String TYPES =
      """
      (export "descriptor" (type $descriptor (sub resource)))
      (export "directory-entry-stream" (type $listing (sub resource)))
      (export "input-stream" (type $input (sub resource)))
      (export "output-stream" (type $output (sub resource)))
      (export "error" (type $error (sub resource)))
      (type $code-type (enum %s))
      (export "error-code" (type $code (eq $code-type)))
      (type $kind-type (enum "unknown" "block-device" "character-device" "directory" "fifo"
        "symbolic-link" "regular-file" "socket"))
      (export "descriptor-type" (type $kind (eq $kind-type)))
      (type $flags-type (flags "read" "write" "file-integrity-sync" "data-integrity-sync"
        "requested-write-sync" "mutate-directory"))
      (export "descriptor-flags" (type $flags (eq $flags-type)))
      (type $open-flags-type (flags "create" "directory" "exclusive" "truncate"))
      (export "open-flags" (type $open-flags (eq $open-flags-type)))
      (type $path-flags-type (flags "symlink-follow"))
      (export "path-flags" (type $path-flags (eq $path-flags-type)))
      (type $advice-type (enum "normal" "sequential" "random" "will-need" "dont-need" "no-reuse"))
      (export "advice" (type $advice (eq $advice-type)))
      (type $datetime-type (record (field "seconds" u64) (field "nanoseconds" u32)))
      (export "datetime" (type $datetime (eq $datetime-type)))
      (type $new-type (variant (case "no-change") (case "now") (case "timestamp" $datetime)))
      (export "new-timestamp" (type $new (eq $new-type)))
      (type $stat-type (record (field "type" $kind) (field "link-count" u64) (field "size" u64)
        (field "data-access-timestamp" (option $datetime))
        (field "data-modification-timestamp" (option $datetime))
        (field "status-change-timestamp" (option $datetime))))
      (export "descriptor-stat" (type $stat (eq $stat-type)))
      (type $hash-type (record (field "lower" u64) (field "upper" u64)))
      (export "metadata-hash-value" (type $hash (eq $hash-type)))
      (type $entry-type (record (field "type" $kind) (field "name" string)))
      (export "directory-entry" (type $entry (eq $entry-type)))
      (export "filesystem-error-code" (func (param "err" (borrow $error))
        (result (option $code))))
      (export "[method]directory-entry-stream.read-directory-entry"
        (func (param "self" (borrow $listing)) (result (result (option $entry) (error $code)))))
      (export "[method]descriptor.is-same-object" (func (param "self" (borrow $descriptor))
        (param "other" (borrow $descriptor)) (result bool)))
      """
          .formatted(quoted(CODES));

  private static final String STREAMS =
      """
      (export "input-stream" (type $input (sub resource)))
      (export "output-stream" (type $output (sub resource)))
      (export "error" (type $error (sub resource)))
      (type $failure-type (variant (case "last-operation-failed" (own $error)) (case "closed")))
      (export "stream-error" (type $failure (eq $failure-type)))
      (export "[method]input-stream.read" (func (param "self" (borrow $input)) (param "len" u64)
        (result (result (list u8) (error $failure)))))
      (export "[method]input-stream.skip" (func (param "self" (borrow $input)) (param "len" u64)
        (result (result u64 (error $failure)))))
      (export "[method]output-stream.write" (func (param "self" (borrow $output))
        (param "contents" (list u8)) (result (result (error $failure)))))
      (export "[method]output-stream.write-zeroes" (func (param "self" (borrow $output))
        (param "len" u64) (result (result (error $failure)))))
      (export "[method]output-stream.splice" (func (param "self" (borrow $output))
        (param "src" (borrow $input)) (param "len" u64) (result (result u64 (error $failure)))))
      """;

  private static final String PROGRAM =
      """
      (global $root (mut i32) (i32.const 0))
      (global $out (mut i32) (i32.const 0))
      (func $must-at (param $place i32)
        (if (i32.load8_u (i32.const 512))
          (then (call $exit (i32.add (i32.load8_u (local.get $place)) (i32.const 1))))))
      (func $must (call $must-at (i32.const 513)))
      (func $must4 (call $must-at (i32.const 516)))
      (func $must8 (call $must-at (i32.const 520)))
      (func $open (param $path i32) (param $length i32) (param $how i32) (param $flags i32)
        (result i32)
        (call $open-at (global.get $root) (i32.const 0) (local.get $path) (local.get $length)
          (local.get $how) (local.get $flags) (i32.const 512))
        (call $must4)
        (i32.load (i32.const 516)))
      (func $say (param $at i32) (param $length i32)
        (call $write (global.get $out) (local.get $at) (local.get $length) (i32.const 480))
        (if (i32.load8_u (i32.const 480)) (then unreachable)))
      (func $say-answer (call $say (i32.load (i32.const 516)) (i32.load (i32.const 520))))
      (func $say-number (param $n i64)
        (if (i64.ge_u (local.get $n) (i64.const 10))
          (then (call $say-number (i64.div_u (local.get $n) (i64.const 10)))))
        (i32.store8 (i32.const 470)
          (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))
        (call $say (i32.const 470) (i32.const 1)))
      ;; Says the names of a directory that are left, each with a comma.
      (func $say-entries (param $listing i32)
        (block $end (loop $next
          (call $read-directory-entry (local.get $listing) (i32.const 512))
          (call $must4)
          (br_if $end (i32.eqz (i32.load8_u (i32.const 516))))
          (call $say (i32.load (i32.const 524)) (i32.load (i32.const 528)))
          (i32.store8 (i32.const 470) (i32.const 44))
          (call $say (i32.const 470) (i32.const 1))
          (br $next))))
      """;

  private FileComponents() {}

  /**
   * A command with that code, which ends well where the code does.
   *
   * @param names at 1000, 1100, … of the memory, as the text format writes them
   */
  public static WasmBinary command(String code, String... names) {
    var data = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      data.append("(data (i32.const %d) \"%s\")%n".formatted(1000 + 100 * i, names[i]));
    }
    return imports()
        .code(
            data
                + PROGRAM
                + """
                (func (export "run") (result i32) (local $h i32) (local $n i32)
                  (global.set $out (call $stdout))
                  (call $get-directories (i32.const 512))
                  (if (i32.load (i32.const 516))
                    (then (global.set $root (i32.load (i32.load (i32.const 512))))))
                  %s
                  (i32.const 0))
                """
                    .formatted(code))
        .command();
  }

  /**
   * A command that creates a file and writes a text into it by a stream.
   *
   * @param path from the first directory on
   */
  public static WasmBinary writing(String path, String text) {
    return command(
        """
        (local.set $h
          (call $open (i32.const 1000) (i32.const %d) (i32.const 1) (i32.const 2)))
        (call $write-via-stream (local.get $h) (i64.const 0) (i32.const 512))
        (call $must4)
        (local.set $n (i32.load (i32.const 516)))
        (call $drop (local.get $h))
        (call $write (local.get $n) (i32.const 1100) (i32.const %d) (i32.const 512))
        (call $must)
        (call $drop-output (local.get $n))
        """
            .formatted(path.length(), text.length()),
        path,
        text);
  }

  private static Components imports() {
    var types = new StringBuilder(TYPES);
    var components = new Components();
    method(
        types,
        "open-at",
        "(param \"path-flags\" $path-flags) (param \"path\" string)"
            + " (param \"open-flags\" $open-flags) (param \"flags\" $flags)",
        "(own $descriptor)");
    method(
        types, "read", "(param \"length\" u64) (param \"offset\" u64)", "(tuple (list u8) bool)");
    method(types, "write", "(param \"buffer\" (list u8)) (param \"offset\" u64)", "u64");
    method(types, "read-via-stream", "(param \"offset\" u64)", "(own $input)");
    method(types, "write-via-stream", "(param \"offset\" u64)", "(own $output)");
    method(types, "append-via-stream", "", "(own $output)");
    method(types, "stat", "", "$stat");
    method(types, "stat-at", "(param \"path-flags\" $path-flags) (param \"path\" string)", "$stat");
    method(types, "set-size", "(param \"size\" u64)", "");
    method(
        types,
        "set-times",
        "(param \"data-access-timestamp\" $new)" + " (param \"data-modification-timestamp\" $new)",
        "");
    method(
        types,
        "set-times-at",
        "(param \"path-flags\" $path-flags) (param \"path\" string)"
            + " (param \"data-access-timestamp\" $new) (param \"data-modification-timestamp\" $new)",
        "");
    method(types, "get-flags", "", "$flags");
    method(types, "get-type", "", "$kind");
    method(types, "sync", "", "");
    method(types, "sync-data", "", "");
    method(
        types,
        "advise",
        "(param \"offset\" u64) (param \"length\" u64) (param \"advice\" $advice)",
        "");
    method(types, "read-directory", "", "(own $listing)");
    method(types, "create-directory-at", "(param \"path\" string)", "");
    method(types, "remove-directory-at", "(param \"path\" string)", "");
    method(types, "unlink-file-at", "(param \"path\" string)", "");
    method(
        types,
        "rename-at",
        "(param \"old-path\" string)"
            + " (param \"new-descriptor\" (borrow $descriptor)) (param \"new-path\" string)",
        "");
    method(
        types,
        "link-at",
        "(param \"old-path-flags\" $path-flags) (param \"old-path\" string)"
            + " (param \"new-descriptor\" (borrow $descriptor)) (param \"new-path\" string)",
        "");
    method(types, "symlink-at", "(param \"old-path\" string) (param \"new-path\" string)", "");
    method(types, "readlink-at", "(param \"path\" string)", "string");
    method(types, "metadata-hash", "", "$hash");
    method(
        types,
        "metadata-hash-at",
        "(param \"path-flags\" $path-flags) (param \"path\" string)",
        "$hash");
    components
        .instance("files", "wasi:filesystem/types@0.2.6", types.toString())
        .outer("(alias export $files \"descriptor\" (type $descriptor-outer))")
        .instance(
            "preopens",
            "wasi:filesystem/preopens@0.2.0",
            """
            (alias outer 1 $descriptor-outer (type $outer))
            (export "descriptor" (type $descriptor (eq $outer)))
            (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))
            """)
        .instance("streams", "wasi:io/streams@0.2.3", STREAMS)
        .instance(
            "io-error",
            "wasi:io/error@0.2.3",
            """
            (export "error" (type $error (sub resource)))
            (export "[method]error.to-debug-string" (func (param "self" (borrow $error))
              (result string)))
            """)
        .instance(
            "stdout-of",
            "wasi:cli/stdout@0.2.3",
            """
            (export "output-stream" (type $output (sub resource)))
            (export "get-stdout" (func (result (own $output))))
            """)
        .instance(
            "exit-of",
            "wasi:cli/exit@0.2.3",
            "(export \"exit-with-code\" (func (param \"status-code\" u8)))");
    file(components, "open-at", "i32 i32 i32 i32 i32 i32 i32");
    components.function("files", "[method]descriptor.read", "pread", "(param i32 i64 i64 i32)");
    components.function(
        "files", "[method]descriptor.write", "pwrite", "(param i32 i32 i32 i64 i32)");
    file(components, "read-via-stream", "i32 i64 i32");
    file(components, "write-via-stream", "i32 i64 i32");
    file(components, "append-via-stream", "i32 i32");
    file(components, "stat", "i32 i32");
    file(components, "stat-at", "i32 i32 i32 i32 i32");
    file(components, "set-size", "i32 i64 i32");
    file(components, "set-times", "i32 i32 i64 i32 i32 i64 i32 i32");
    file(components, "set-times-at", "i32 i32 i32 i32 i32 i64 i32 i32 i64 i32 i32");
    file(components, "get-flags", "i32 i32");
    file(components, "get-type", "i32 i32");
    file(components, "sync", "i32 i32");
    file(components, "sync-data", "i32 i32");
    file(components, "advise", "i32 i64 i64 i32 i32");
    file(components, "read-directory", "i32 i32");
    file(components, "create-directory-at", "i32 i32 i32 i32");
    file(components, "remove-directory-at", "i32 i32 i32 i32");
    file(components, "unlink-file-at", "i32 i32 i32 i32");
    file(components, "rename-at", "i32 i32 i32 i32 i32 i32 i32");
    file(components, "link-at", "i32 i32 i32 i32 i32 i32 i32 i32");
    file(components, "symlink-at", "i32 i32 i32 i32 i32 i32");
    file(components, "readlink-at", "i32 i32 i32 i32");
    file(components, "metadata-hash", "i32 i32");
    file(components, "metadata-hash-at", "i32 i32 i32 i32 i32");
    return components
        .function(
            "files",
            "[method]descriptor.is-same-object",
            "is-same-object",
            "(param i32 i32) (result i32)")
        .function(
            "files",
            "[method]directory-entry-stream.read-directory-entry",
            "read-directory-entry",
            "(param i32 i32)")
        .function("files", "filesystem-error-code", "error-code", "(param i32 i32)")
        .function("preopens", "get-directories", "get-directories", "(param i32)")
        .function("streams", "[method]input-stream.read", "read", "(param i32 i64 i32)")
        .function("streams", "[method]input-stream.skip", "skip", "(param i32 i64 i32)")
        .function("streams", "[method]output-stream.write", "write", "(param i32 i32 i32 i32)")
        .function(
            "streams", "[method]output-stream.write-zeroes", "write-zeroes", "(param i32 i64 i32)")
        .function("streams", "[method]output-stream.splice", "splice", "(param i32 i32 i64 i32)")
        .function("io-error", "[method]error.to-debug-string", "debug-string", "(param i32 i32)")
        .function("stdout-of", "get-stdout", "stdout", "(result i32)")
        .function("exit-of", "exit-with-code", "exit", "(param i32)")
        .drop("files", "descriptor", "drop")
        .drop("files", "directory-entry-stream", "drop-listing")
        .drop("files", "input-stream", "drop-input")
        .drop("files", "output-stream", "drop-output");
  }

  private static void method(StringBuilder types, String name, String params, String ok) {
    types.append(
        "(export \"[method]descriptor.%s\" (func (param \"self\" (borrow $descriptor)) %s (result (result %s (error $code)))))%n"
            .formatted(name, params, ok));
  }

  private static void file(Components components, String name, String params) {
    components.function("files", "[method]descriptor." + name, name, "(param " + params + ")");
  }

  private static String quoted(String names) {
    return Arrays.stream(names.strip().split("\\s+"))
        .map(name -> "\"" + name + "\"")
        .collect(Collectors.joining(" "));
  }
}
