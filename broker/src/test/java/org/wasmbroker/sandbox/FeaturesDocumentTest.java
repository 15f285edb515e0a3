package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.wasmtime.EngineFeatures;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;

/** The table of WebAssembly's features in docs/guest-abi.md, with one module for each. */
final class FeaturesDocumentTest {
  private static final Pattern ROW =
      Pattern.compile("\\| ([^|]+) \\| (on|off|ignored) \\| (on|off|ignored) \\|.*");

  private static final String ACCEPTED = "on";

  /** What a module that uses the feature has beside a memory and an entry point. */
  private static final Map<String, String> MODULES = new LinkedHashMap<>();

  static {
    MODULES.put("mutable globals", "(global (export \"g\") (mut i32) (i32.const 0))");
    MODULES.put("sign extension", body("(drop (i32.extend8_s (i32.const 1)))"));
    MODULES.put("non-trapping float-to-int", body("(drop (i32.trunc_sat_f32_s (f32.const 1)))"));
    MODULES.put("multi-value", "(func (result i32 i32) (i32.const 1) (i32.const 2))");
    MODULES.put("bulk memory", body("(memory.fill (i32.const 0) (i32.const 0) (i32.const 1))"));
    MODULES.put("reference types", body("(drop (ref.is_null (ref.null func)))"));
    MODULES.put("SIMD", body("(drop (i32x4.splat (i32.const 1)))"));
    MODULES.put("extended constants", "(global i32 (i32.add (i32.const 1) (i32.const 2)))");
    MODULES.put("branch hinting", "(@custom \"metadata.code.branch_hint\" \"\\00\")");
    MODULES.put("`externref`", body("(drop (ref.is_null (ref.null extern)))"));
    MODULES.put("typed function references", "(type $t (func)) (func (param (ref $t)))");
    MODULES.put("garbage collection", "(type (struct (field i32)))");
    MODULES.put("tail calls", "(func $f (return_call $f))");
    MODULES.put("exceptions", "(tag)");
    MODULES.put("legacy exceptions", body("try end"));
    MODULES.put("stack switching", "(type $t (func)) (type (cont $t))");
    MODULES.put("threads", body("(drop (i32.atomic.load (i32.const 0)))"));
    MODULES.put(
        "relaxed SIMD",
        body("(drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))"));
    MODULES.put(
        "wide arithmetic",
        "(func (result i64 i64)"
            + " (i64.add128 (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)))");
    MODULES.put("more than one memory", "(memory 1)");
    MODULES.put(
        "compact imports",
        "(import \"wasi_snapshot_preview1\" (item \"sched_yield\" (func (result i32))))");
  }

  /** Whole modules: these features change the memory itself. */
  private static final Map<String, String> WHOLE =
      Map.of(
          "shared memory",
          "(module (memory (export \"memory\") 1 2 shared) (func (export \"run\")))",
          "64-bit memory",
          "(module (memory (export \"memory\") i64 1) (func (export \"run\")))",
          "custom page sizes",
          "(module (memory (export \"memory\") 8 (pagesize 1)) (func (export \"run\")))",
          "the component model",
          "(component)");

  @Test
  void theDocumentSaysOfEveryFeatureWhetherModulesMayUseIt() throws IOException {
    try (var wasmtime = WasmtimeEngine.start(EngineConfig.of(1), functions());
        var wasmtimeJava = WasmtimeJavaEngine.start(EngineConfig.of(1), functions())) {
      var actual = new LinkedHashMap<String, String>();
      modules()
          .forEach(
              (feature, module) ->
                  actual.put(feature, state(wasmtime, module) + " " + state(wasmtimeJava, module)));

      assertThat(documented()).containsExactlyInAnyOrderEntriesOf(actual);
    }
  }

  /** A new version of the library with another feature has to be decided upon. */
  @Test
  void everySwitchOfTheLibraryIsSet() throws IOException {
    var library =
        new String(Files.readAllBytes(EngineFeatures.library()), StandardCharsets.ISO_8859_1);
    var switches = new TreeSet<String>();
    var matcher = Pattern.compile("wasmtime_config_(wasm_[a-z0-9_]+)_set\\b").matcher(library);
    while (matcher.find()) {
      switches.add(matcher.group(1));
    }

    assertThat(switches).hasSizeGreaterThan(10);
    assertThat(EngineFeatures.switches()).containsAll(switches);
  }

  private static HostFunctionTable functions() {
    return Capabilities.STANDARD.functions();
  }

  private static String body(String instructions) {
    return "(func " + instructions + ")";
  }

  private static Map<String, String> modules() {
    var all = new LinkedHashMap<String, String>();
    MODULES.forEach(
        (feature, part) ->
            all.put(
                feature,
                "(module %s (memory (export \"memory\") 1) (func (export \"run\")) %s)"
                    .formatted(
                        part.startsWith("(import") ? part : "",
                        part.startsWith("(import") ? "" : part)));
    all.putAll(WHOLE);
    return all;
  }

  private static String state(Engine engine, String module) {
    try {
      engine.compile(Wat.toWasm(module), Limits.DEFAULTS).close();
      return ACCEPTED;
    } catch (ModuleRefusedException refused) {
      return "off";
    }
  }

  /** What is ignored is accepted. */
  private static Map<String, String> documented() throws IOException {
    var rows = new LinkedHashMap<String, String>();
    for (var line : Files.readAllLines(Path.of("../docs/guest-abi.md"))) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        rows.put(row.group(1), (row.group(2) + " " + row.group(3)).replace("ignored", ACCEPTED));
      }
    }
    return rows;
  }
}
