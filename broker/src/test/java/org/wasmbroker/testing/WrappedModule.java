package org.wasmbroker.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.ModuleShape.ImportedFunction;
import org.wasmbroker.sandbox.wasmtime.Wat;

/**
 * Wraps a module into a component that is a command, byte for byte as it is. As toolchains do it,
 * three small core modules bind it to its imports: a shim, which the module is instantiated with
 * and which calls through a table; one that gives out memory, at the end of the module's own; and
 * adapters, which need that memory and fill the table.
 *
 * <p>A function that no adapter knows becomes an import of the component, of the same name.
 */
public final class WrappedModule {
  /** In place of the module in the text: an empty one without a name, in its section. */
  private static final byte[] EMPTY = {1, 8, 0, 'a', 's', 'm', 1, 0, 0, 0};

  private static final String UNKNOWN = "wasi:cli/preview1@0.2.0";

  /** A function of the host as core code gets it. */
  private record Lowered(String instance, String function, String type) {}

  private static final Map<String, Lowered> LOWERED =
      Map.ofEntries(
          Map.entry("stdin", new Lowered("stdin", "get-stdin", "(result i32)")),
          Map.entry("stdout", new Lowered("stdout", "get-stdout", "(result i32)")),
          Map.entry("stderr", new Lowered("stderr", "get-stderr", "(result i32)")),
          Map.entry(
              "read",
              new Lowered("streams", "[method]input-stream.blocking-read", "(param i32 i64 i32)")),
          Map.entry(
              "write",
              new Lowered(
                  "streams",
                  "[method]output-stream.blocking-write-and-flush",
                  "(param i32 i32 i32 i32)")),
          Map.entry("exit", new Lowered("exit", "exit-with-code", "(param i32)")),
          Map.entry(
              "duration", new Lowered("clock", "subscribe-duration", "(param i64) (result i32)")),
          Map.entry("block", new Lowered("poll", "[method]pollable.block", "(param i32)")),
          Map.entry("log", new Lowered("log", "log", "(param i32 i32 i32 i32 i32 i32)")),
          Map.entry("now", new Lowered("time", "now", "(result i64)")),
          Map.entry("elapsed", new Lowered("time", "elapsed", "(result i64)")),
          Map.entry("remaining", new Lowered("time", "remaining", "(result i64)")),
          Map.entry("secret", new Lowered("secrets", "read", "(param i32 i32 i32)")),
          Map.entry("get", new Lowered("cache", "get", "(param i32 i32 i32)")),
          Map.entry("put", new Lowered("cache", "put", "(param i32 i32 i32 i32 i64 i32)")),
          Map.entry("delete", new Lowered("cache", "delete", "(param i32 i32 i32)")));

  private static final String ERROR_CODE =
      """
      (type $code-type (enum "invalid" "too-large" "state" "denied" "not-found" "rate-limited"
        "timeout" "io" "budget"))
      (export "error-code" (type $code (eq $code-type)))
      """;

  /** Those of the cache that a component uses, since each is granted by itself. */
  private static final Map<String, String> OF_CACHE =
      Map.of(
          "get",
          """
          (export "get" (func (param "key" string)
            (result (result (option (list u8)) (error $code)))))
          """,
          "put",
          """
          (export "put" (func (param "key" string) (param "value" (list u8)) (param "ttl-ms" u64)
            (result (result (error $code)))))
          """,
          "delete",
          """
          (export "delete" (func (param "key" string) (result (result bool (error $code)))))
          """);

  /** The interfaces, in the order in which they are imported; what one needs comes before it. */
  private static final Map<String, String> INTERFACES = interfaces();

  private static Map<String, String> interfaces() {
    var all = new LinkedHashMap<String, String>();
    all.put(
        "streams",
        """
        (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
        (alias export $error "error" (type $error-type))
        (import "wasi:io/streams@0.2.0" (instance $streams
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
              (result (result (error $stream-error)))))))
        (alias export $streams "input-stream" (type $input))
        (alias export $streams "output-stream" (type $output))
        """);
    all.put("stdin", standardStream("stdin", "input"));
    all.put("stdout", standardStream("stdout", "output"));
    all.put("stderr", standardStream("stderr", "output"));
    all.put(
        "exit",
        """
        (import "wasi:cli/exit@0.2.0" (instance $exit
          (export "exit-with-code" (func (param "status-code" u8)))))
        """);
    all.put(
        "poll",
        """
        (import "wasi:io/poll@0.2.0" (instance $poll
          (export "pollable" (type $pollable (sub resource)))
          (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
        (alias export $poll "pollable" (type $pollable))
        """);
    all.put(
        "clock",
        """
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
          (alias outer 1 $pollable (type $outer))
          (export "pollable" (type $own-pollable (eq $outer)))
          (export "subscribe-duration" (func (param "when" u64) (result (own $own-pollable))))))
        """);
    all.put(
        "log",
        """
        (import "wasm-broker:handler/log@1.0.0" (instance $log
          (type $level-type (enum "trace" "debug" "info" "warn" "error"))
          (export "level" (type $level (eq $level-type)))
          (export "log" (func (param "level" $level) (param "message" string)
            (param "fields" (option string))))))
        """);
    all.put(
        "time",
        """
        (import "wasm-broker:handler/time@1.0.0" (instance $time
          (export "now" (func (result u64)))
          (export "elapsed" (func (result u64)))
          (export "remaining" (func (result u64)))))
        """);
    all.put(
        "secrets",
        """
        (import "wasm-broker:handler/secrets@1.0.0" (instance $secrets
          %s
          (export "read" (func (param "name" string) (result (result string (error $code)))))))
        """
            .formatted(ERROR_CODE));
    all.put("cache", "(import \"wasm-broker:handler/cache@1.0.0\" (instance $cache %s))");
    return all;
  }

  private static String standardStream(String name, String direction) {
    return """
    (import "wasi:cli/%1$s@0.2.0" (instance $%1$s
      (alias outer 1 $%2$s (type $outer))
      (export "%2$s-stream" (type $stream (eq $outer)))
      (export "get-%1$s" (func (result (own $stream))))))
    """
        .formatted(name, direction);
  }

  /** What an adapter calls, and its code; its type is that of the import. */
  private record Adapter(List<String> uses, String code) {}

  private static final String WRITE =
      """
      (call $write (call $out) (local.get 0) (local.get 1) (call $space))
      (select (i32.const -4) (i32.const 0) (i32.load8_u (call $space)))
      """;

  private static final Map<String, Adapter> ADAPTERS =
      Map.ofEntries(
          Map.entry("wasm_broker_v1.write_output", new Adapter(List.of("stdout", "write"), WRITE)),
          Map.entry("wasm_broker_v1.append_output", new Adapter(List.of("stdout", "write"), WRITE)),
          Map.entry(
              "wasm_broker_v1.read_input",
              new Adapter(
                  List.of("stdin", "read"),
                  """
                  (local $total i32) (local $got i32)
                  (block $end
                    (loop $more
                      (call $read (call $in) (i64.const 4096) (call $space))
                      (br_if $end (i32.load8_u (call $space)))
                      (local.set $got (i32.load offset=8 (call $space)))
                      (memory.copy (i32.add (local.get 0) (local.get $total))
                        (i32.load offset=4 (call $space)) (local.get $got))
                      (local.set $total (i32.add (local.get $total) (local.get $got)))
                      (br $more)))
                  (local.get $total)
                  """)),
          Map.entry(
              "wasm_broker_v1.log",
              new Adapter(
                  List.of("log"),
                  """
                  (call $log (local.get 0) (local.get 1) (local.get 2)
                    (i32.ne (local.get 4) (i32.const 0)) (local.get 3) (local.get 4))
                  (i32.const 0)
                  """)),
          Map.entry(
              "wasm_broker_v1.get_time",
              new Adapter(
                  List.of("now", "elapsed", "remaining"),
                  """
                  (if (i32.eqz (local.get 0)) (then (return (call $now))))
                  (if (i32.eq (local.get 0) (i32.const 1)) (then (return (call $elapsed))))
                  (call $remaining)
                  """)),
          Map.entry(
              "wasm_broker_v1.read_secret",
              new Adapter(
                  List.of("secret"),
                  """
                  (call $secret (local.get 0) (local.get 1) (call $space))
                  (if (i32.load8_u (call $space))
                    (then (return (call $error (i32.load8_u offset=4 (call $space))))))
                  (call $give (i32.load offset=4 (call $space)) (i32.load offset=8 (call $space))
                    (local.get 2) (local.get 3))
                  """)),
          Map.entry(
              "wasm_broker_v1.cache_get",
              new Adapter(
                  List.of("get"),
                  """
                  (call $get (local.get 0) (local.get 1) (call $space))
                  (if (i32.load8_u (call $space))
                    (then (return (call $error (i32.load8_u offset=4 (call $space))))))
                  (if (i32.eqz (i32.load8_u offset=4 (call $space)))
                    (then (return (i32.const -6))))
                  (call $give (i32.load offset=8 (call $space)) (i32.load offset=12 (call $space))
                    (local.get 2) (local.get 3))
                  """)),
          Map.entry(
              "wasm_broker_v1.cache_put",
              new Adapter(
                  List.of("put"),
                  """
                  (call $put (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
                    (call $space))
                  (if (i32.load8_u (call $space))
                    (then (return (call $error (i32.load8_u offset=1 (call $space))))))
                  (i32.const 0)
                  """)),
          Map.entry(
              "wasm_broker_v1.cache_delete",
              new Adapter(
                  List.of("delete"),
                  """
                  (call $delete (local.get 0) (local.get 1) (call $space))
                  (if (i32.load8_u (call $space))
                    (then (return (call $error (i32.load8_u offset=1 (call $space))))))
                  (i32.load8_u offset=1 (call $space))
                  """)),
          Map.entry(
              "wasi_snapshot_preview1.fd_write",
              new Adapter(
                  List.of("stdout", "stderr", "write"),
                  """
                  (local $i i32) (local $total i32) (local $at i32)
                  (block $end
                    (loop $next
                      (br_if $end (i32.ge_u (local.get $i) (local.get 2)))
                      (local.set $at
                        (i32.add (local.get 1) (i32.shl (local.get $i) (i32.const 3))))
                      (call $write
                        (if (result i32) (i32.eq (local.get 0) (i32.const 1))
                          (then (call $out)) (else (call $err)))
                        (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))
                        (call $space))
                      (local.set $total
                        (i32.add (local.get $total) (i32.load offset=4 (local.get $at))))
                      (local.set $i (i32.add (local.get $i) (i32.const 1)))
                      (br $next)))
                  (i32.store (local.get 3) (local.get $total))
                  (i32.const 0)
                  """)),
          Map.entry(
              "wasi_snapshot_preview1.proc_exit",
              new Adapter(List.of("exit"), "(call $exit (local.get 0))")),
          Map.entry(
              "wasi_snapshot_preview1.poll_oneoff",
              new Adapter(
                  List.of("duration", "block", "drop-pollable"),
                  """
                  (local $clock i32)
                  (local.set $clock (call $duration (i64.load offset=24 (local.get 0))))
                  (call $block (local.get $clock))
                  (call $drop-pollable (local.get $clock))
                  (i32.const 0)
                  """)));

  private final List<ImportedFunction> imports;
  private final Set<String> exports;
  private final boolean runReturns;
  private final Set<String> uses = new LinkedHashSet<>();
  private final List<ImportedFunction> unknown = new ArrayList<>();
  private final StringBuilder adapters = new StringBuilder();
  private final StringBuilder shim = new StringBuilder();

  private WrappedModule(List<ImportedFunction> imports, Set<String> exports, boolean runReturns) {
    this.imports = imports;
    this.exports = exports;
    this.runReturns = runReturns;
  }

  /**
   * A component that exports {@code wasi:cli/run}: it runs {@code _start} or {@code run} of the
   * module, after {@code _initialize} if there is one. What the module writes as its output goes to
   * standard output. Bytes that are no module are wrapped, too.
   */
  public static WasmBinary command(WasmBinary module) {
    return spliced(Wat.toWasm(of(module).text()).bytes(), module.bytes());
  }

  private static WrappedModule of(WasmBinary module) {
    try {
      var shape = ModuleShape.of(module);
      var run = shape.export("run").orElse(null);
      return new WrappedModule(
          shape.imports().stream()
              .filter(ImportedFunction.class::isInstance)
              .map(ImportedFunction.class::cast)
              .toList(),
          shape.exports().stream().map(ModuleShape.Export::name).collect(Collectors.toSet()),
          run != null && !shape.functionType(run.index()).results().isEmpty());
    } catch (ModuleRefusedException malformed) {
      return new WrappedModule(List.of(), Set.of("run", "memory"), false);
    }
  }

  /** The component with the module in the place of the empty one. */
  private static WasmBinary spliced(byte[] component, byte[] module) {
    var text = new String(component, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(new String(EMPTY, StandardCharsets.ISO_8859_1));
    if (at < 0) {
      throw new IllegalStateException("the component has no empty module");
    }
    var whole = new ByteArrayOutputStream();
    whole.write(component, 0, at + 1);
    for (int rest = module.length; ; rest >>>= 7) {
      if (rest < 0x80) {
        whole.write(rest);
        break;
      }
      whole.write((rest & 0x7f) | 0x80);
    }
    whole.writeBytes(module);
    whole.write(component, at + EMPTY.length, component.length - at - EMPTY.length);
    return new WasmBinary(whole.toByteArray());
  }

  private String text() {
    for (int i = 0; i < imports.size(); i++) {
      adapt(i, imports.get(i));
    }
    if (runReturns) {
      uses.add("exit");
    }
    return """
    (component
      %s
      (core module $shim-module
        (table (export "table") %d funcref)
        %s)
      (core instance $shim (instantiate $shim-module))
      %s
      (core module)
      (core instance $guest (instantiate 1 %s))
      (core module $space-module
        (import "guest" "memory" (memory 0))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (i32.sub (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 64))
            (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))
      (core instance $space (instantiate $space-module (with "guest" (instance $guest))))
      %s
      (core module $adapter-module
        (import "guest" "memory" (memory 0))
        (import "shim" "table" (table %d funcref))
        %s
        %s
        (func $space (result i32)
          (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 32)))
        %s
        %s)
      (core instance $adapter (instantiate $adapter-module
        (with "guest" (instance $guest)) (with "shim" (instance $shim))
        (with "host" (instance %s))))
      (func $run (result (result)) (canon lift (core func $adapter "start")))
      (instance $command (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $command)))
    """
        .formatted(
            importedInterfaces(),
            imports.size(),
            shim,
            guestImports(),
            importModules().stream()
                .map("(with \"%1$s\" (instance $for-%1$s))"::formatted)
                .collect(Collectors.joining(" ")),
            lowerings(),
            imports.size(),
            wanted(),
            guestFunctions(),
            support(),
            adapters + start(),
            given());
  }

  /**
   * The place of an import in the table, the shim that calls it, and the function that fills it.
   */
  private void adapt(int place, ImportedFunction function) {
    var type = signature(function.type());
    var arguments = new StringBuilder();
    for (int i = 0; i < function.type().params().size(); i++) {
      arguments.append(" (local.get ").append(i).append(')');
    }
    shim.append(
        "(type $t%1$d (func %2$s)) (func (export \"%1$d\") %2$s (call_indirect (type $t%1$d)%3$s (i32.const %1$d)))%n"
            .formatted(place, type, arguments));
    var adapter = ADAPTERS.get(function.module() + "." + function.name());
    if (adapter == null) {
      unknown.add(function);
      adapters.append("(elem (i32.const %d) func $%s)%n".formatted(place, function.name()));
      return;
    }
    uses.addAll(adapter.uses());
    adapters.append(
        "(func $f%1$d %2$s %3$s) (elem (i32.const %1$d) func $f%1$d)%n"
            .formatted(place, type, adapter.code()));
  }

  private static String signature(FunctionType type) {
    return type.params().stream()
            .map(each -> "(param " + core(each) + ")")
            .collect(Collectors.joining(" "))
        + type.results().stream()
            .map(each -> " (result " + core(each) + ")")
            .collect(Collectors.joining());
  }

  private static String core(ValueType type) {
    return type == ValueType.I64 ? "i64" : "i32";
  }

  private static String kebab(ImportedFunction function) {
    return function.name().replace('_', '-');
  }

  private String importedInterfaces() {
    var needed = new LinkedHashSet<String>();
    for (var use : uses) {
      needed.add(
          use.equals("drop-pollable")
              ? "poll"
              : Objects.requireNonNull(LOWERED.get(use)).instance());
    }
    var text =
        INTERFACES.entrySet().stream()
            .filter(each -> needed.contains(each.getKey()))
            .map(Map.Entry::getValue)
            .collect(Collectors.joining())
            .formatted(
                ERROR_CODE
                    + uses.stream()
                        .map(use -> OF_CACHE.getOrDefault(use, ""))
                        .collect(Collectors.joining()));
    if (unknown.isEmpty()) {
      return text;
    }
    return text
        + unknown.stream()
            .map(
                function ->
                    "(export \"%s\" (func %s%s))"
                        .formatted(
                            kebab(function),
                            parameters(function.type()),
                            function.type().results().isEmpty()
                                ? ""
                                : " (result "
                                    + unsigned(function.type().results().getFirst())
                                    + ")"))
            .collect(
                Collectors.joining(" ", "(import \"" + UNKNOWN + "\" (instance $unknown ", "))\n"));
  }

  private static String parameters(FunctionType type) {
    var text = new StringBuilder();
    for (int i = 0; i < type.params().size(); i++) {
      text.append("(param \"p%d\" %s) ".formatted(i, unsigned(type.params().get(i))));
    }
    return text.toString();
  }

  private static String unsigned(ValueType type) {
    return type == ValueType.I64 ? "u64" : "u32";
  }

  private Set<String> importModules() {
    return imports.stream()
        .map(ImportedFunction::module)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** What the module gets: the shim's functions under its imports' names. */
  private String guestImports() {
    var text = new StringBuilder();
    for (var module : importModules()) {
      text.append("(core instance $for-").append(module);
      var names = new LinkedHashSet<String>();
      for (int i = 0; i < imports.size(); i++) {
        var each = imports.get(i);
        if (each.module().equals(module) && names.add(each.name())) {
          text.append(" (export \"%s\" (func $shim \"%d\"))".formatted(each.name(), i));
        }
      }
      text.append(")\n");
    }
    return text.toString();
  }

  private String lowerings() {
    var text = new StringBuilder();
    for (var use : uses) {
      var lowered = LOWERED.get(use);
      text.append(
          lowered == null
              ? "(core func $drop-pollable (canon resource.drop $pollable))\n"
              : """
                (core func $%s (canon lower (func $%s "%s")
                  (memory (core memory $guest "memory")) (realloc (core func $space "realloc"))))
                """
                  .formatted(use, lowered.instance(), lowered.function()));
    }
    for (var function : unknown) {
      text.append(
          "(core func $%s (canon lower (func $unknown \"%s\")))%n"
              .formatted(function.name(), kebab(function)));
    }
    return text.toString();
  }

  private String wanted() {
    var text = new StringBuilder();
    for (var use : uses) {
      var lowered = LOWERED.get(use);
      text.append(
          "(import \"host\" \"%1$s\" (func $%1$s %2$s))%n"
              .formatted(use, lowered == null ? "(param i32)" : lowered.type()));
    }
    for (var function : unknown) {
      text.append(
          "(import \"host\" \"%1$s\" (func $%1$s %2$s))%n"
              .formatted(function.name(), signature(function.type())));
    }
    return text.toString();
  }

  private String given() {
    var text = new StringBuilder();
    uses.forEach(use -> text.append("(export \"%1$s\" (func $%1$s))".formatted(use)));
    unknown.forEach(
        function -> text.append("(export \"%1$s\" (func $%1$s))".formatted(function.name())));
    return text.toString();
  }

  private String main() {
    return exports.contains("_start") ? "_start" : "run";
  }

  private String guestFunctions() {
    return (exports.contains("_initialize")
            ? "(import \"guest\" \"_initialize\" (func $initialize))\n"
            : "")
        + "(import \"guest\" \"%s\" (func $main%s))"
            .formatted(main(), returns() ? " (result i32)" : "");
  }

  private boolean returns() {
    return runReturns && main().equals("run");
  }

  /** Functions that adapters call: streams that are asked for once, errors, bytes given over. */
  private String support() {
    var text = new StringBuilder();
    List.of("in", "out", "err")
        .forEach(
            name -> {
              var host = "std" + name;
              if (uses.contains(host)) {
                text.append(
                    """
                    (global $%1$s (mut i32) (i32.const 0))
                    (func $%1$s (result i32)
                      (if (i32.eqz (global.get $%1$s)) (then (global.set $%1$s (call $%2$s))))
                      (global.get $%1$s))
                    """
                        .formatted(name, host));
              }
            });
    return text
        + """
        (func $error (param i32) (result i32) (i32.sub (i32.const -2) (local.get 0)))
        (func $give (param $from i32) (param $length i32) (param $to i32) (param $room i32)
          (result i32)
          (if (i32.le_u (local.get $length) (local.get $room))
            (then (memory.copy (local.get $to) (local.get $from) (local.get $length))))
          (local.get $length))
        """;
  }

  private String start() {
    var initialize = exports.contains("_initialize") ? "(call $initialize)" : "";
    return returns()
        ? """
          (func (export "start") (result i32) (local $code i32)
            %s
            (local.set $code (call $main))
            (if (local.get $code) (then (call $exit (local.get $code))))
            (i32.const 0))
          """
            .formatted(initialize)
        : "(func (export \"start\") (result i32) %s (call $main) (i32.const 0))"
            .formatted(initialize);
  }
}
