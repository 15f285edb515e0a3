package org.wasmbroker.hostile;

import static org.wasmbroker.hostile.HostileCase.ending;
import static org.wasmbroker.hostile.HostileCase.harmless;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.HostileGuests;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The hostile guests as commands, made of their sources: {@code _start} runs what {@code run} was,
 * and exits with what that returned, which is 0 if the guest achieved nothing. What it would write
 * as its result document goes to standard output. Each has its guest's manifest, with the
 * capability {@code command}, and the files of a session where it had a directory of a step's.
 */
final class HostileCommands {
  private static final Path SOURCES = Path.of("..", "handlers-wasm", "hostile");
  private static final JsonMapper JSON = JsonMapper.shared();
  static final String SUFFIX = "-command";

  /** Those that are hostile by their result document, which a command has none of. */
  private static final Set<String> OF_RESULT_DOCUMENTS =
      Set.of(
          "no-output",
          "two-outputs",
          "not-json",
          "deep-json",
          "long-number",
          "invalid-utf8",
          "nul-in-output",
          "escapes-in-error",
          "endless-checkpoints",
          "endless-retries",
          "output-pieces",
          "edges-write-output");

  /** It looks for arguments and an environment, which a command has. */
  private static final String OF_STEPS = "wasi-processes";

  private static final String NOT_PREPARED = "a WASI command cannot be prepared";

  /** What ends otherwise than the guest that it is made of, and how. */
  private static final Map<String, HostileCase> OTHERWISE =
      Stream.of(
              refused("initialize-loop", "a WASI command has no initialiser"),
              refused("prepare-loop", NOT_PREPARED),
              refused("prepare-trap", NOT_PREPARED),
              refused("prepare-memory", NOT_PREPARED),
              refused("prepare-stale", NOT_PREPARED),
              refused("prepare-spies", NOT_PREPARED),
              refused("prepare-table", NOT_PREPARED),
              ending("giant-output", "limit_exceeded/output", "bytes of output, the limit is"),
              ending("stderr-flood", "limit_exceeded/output", "bytes of output, the limit is"),
              ending("wasi-exit", "completed/137", ""),
              harmless("wasi-exit-zero"),
              ending("secret-in-result", "secret_in_output", "as plain text, at /result/stdout"),
              ending("secret-in-error", "secret_in_output", "as plain text, at /result/stdout"))
          .collect(Collectors.toMap(HostileCase::guest, each -> each));

  private static final Pattern WRITE_OUTPUT =
      Pattern.compile(
          "\\(import \"wasm_broker_v1\" \"write_output\"\\s+"
              + "\\(func \\$write_output[^)]*\\)\\s*\\(result i32\\)\\)\\)");

  private static final String RUN = "(func (export \"run\")";

  private static final String IMPORTS =
      """
      (module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit_with (param i32)))
        (import "wasi_snapshot_preview1" "fd_write"
          (func $write_to (param i32 i32 i32 i32) (result i32)))
      """;

  private static final String WRITE_TO_STANDARD_OUTPUT =
      """
        (func $write_output (param $from i32) (param $length i32) (result i32)
          (local $vector i32)
          (local $errno i32)
          (local.set $vector (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 16)))
          (i32.store (local.get $vector) (local.get $from))
          (i32.store offset=4 (local.get $vector) (local.get $length))
          (local.set $errno
            (call $write_to (i32.const 1) (local.get $vector) (i32.const 1)
              (i32.add (local.get $vector) (i32.const 8))))
          ;; EFAULT as write_output has it
          (if (result i32) (i32.eq (local.get $errno) (i32.const 21))
            (then (i32.const -1))
            (else (local.get $errno))))
      """;

  private HostileCommands() {}

  private static HostileCase refused(String guest, String reason) {
    return ending(guest, "module_refused", reason);
  }

  /** The names of the hostile guests that are commands as well. */
  private static Set<String> guests() {
    var names = new TreeSet<>(HostileGuests.names());
    names.removeAll(OF_RESULT_DOCUMENTS);
    names.remove(OF_STEPS);
    return names;
  }

  /** Why there is no command of a case; null if there is one. */
  static @Nullable String reason(HostileCase hostile) {
    var guest = hostile.guest();
    if (guests().contains(guest)) {
      return null;
    }
    if (OF_RESULT_DOCUMENTS.contains(guest)) {
      return "a command writes no result document";
    }
    return guest.equals(OF_STEPS)
        ? "a command has arguments and an environment"
        : "no source, of which a command could be made";
  }

  /** The cases of those that need no input. */
  static Stream<HostileCase> all(HostileServers peers) {
    return HostileCases.all()
        .filter(hostile -> hostile.input().of(peers).equals(Document.of("{}")))
        .filter(hostile -> reason(hostile) == null)
        .map(hostile -> OTHERWISE.getOrDefault(hostile.guest(), hostile))
        .map(hostile -> hostile.of(hostile.guest() + SUFFIX));
  }

  /** Adds all of them to a directory of modules, with their digests. */
  static void generate(Path directory) throws IOException {
    var sums = new StringBuilder();
    for (var guest : guests()) {
      var name = guest + SUFFIX;
      var home = Files.createDirectories(directory.resolve(name).resolve("1.0.0"));
      var wasm = Wat.toWasm(command(Files.readString(source(guest, guest + ".wat"))));
      Files.write(home.resolve("module.wasm"), wasm.bytes());
      Files.writeString(home.resolve("manifest.json"), manifest(guest, name));
      sums.append("%s  %s/1.0.0/module.wasm%n".formatted(wasm.digest().hex(), name));
    }
    Files.writeString(directory.resolve("SHA256SUMS"), sums, StandardOpenOption.APPEND);
  }

  private static Path source(String guest, String file) {
    return SOURCES.resolve(guest).resolve(file);
  }

  private static String command(String source) {
    if (source.contains("(export \"_start\")")) {
      return source;
    }
    var output = WRITE_OUTPUT.matcher(source);
    var writes = output.find() ? WRITE_TO_STANDARD_OUTPUT : "";
    boolean returns = source.contains(RUN + " (result i32)");
    var changed =
        output
            .replaceAll("")
            .replaceFirst("\\(module\\b", Matcher.quoteReplacement(IMPORTS))
            .replace(RUN, "(func $run");
    return changed.substring(0, changed.lastIndexOf(')'))
        + writes
        + "(func (export \"_start\") %s))"
            .formatted(returns ? "(call $exit_with (call $run))" : "(call $run)");
  }

  private static String manifest(String guest, String name) throws IOException {
    var manifest = (ObjectNode) JSON.readTree(Files.readString(source(guest, "manifest.json")));
    manifest.put("name", name);
    var capabilities = (ObjectNode) Objects.requireNonNull(manifest.get("capabilities"));
    capabilities.putObject("command");
    if (capabilities.remove("files") != null) {
      capabilities.putObject("files").putObject("/").put("mode", "read-write").put("from", "input");
    }
    return JSON.writeValueAsString(manifest);
  }
}
