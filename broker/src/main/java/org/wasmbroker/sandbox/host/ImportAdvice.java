package org.wasmbroker.sandbox.host;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.wasmbroker.sandbox.binary.ModuleShape.Import;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.ModuleShape.NonFunctionImport;

/** What to do about the imports that common toolchains add to a module and the broker refuses. */
final class ImportAdvice {
  /** The first that applies is given. */
  private static final List<Advice> ALL =
      List.of(
          module("wasi_unstable", "build for WASI preview 1 (wasm32-wasip1), which replaced it"),
          module("wasi:.*", "build a core module for WASI preview 1 (wasm32-wasip1)"),
          module("wasix.*", "build for WASI preview 1 without WASIX"),
          new Advice(
              imported -> imported.name().equals("thread-spawn"),
              "build without threads (wasm32-wasip1, not wasm32-wasip1-threads)"),
          module(
              "wbg|__wbindgen.*",
              "build for wasm32-wasip1: wasm-bindgen needs JavaScript (a crate's feature 'js' or"
                  + " 'wasm-bindgen' brings it in)"),
          module("go|gojs", "build with GOOS=wasip1, or TinyGo's -target=wasip1"),
          kind(
              Kind.MEMORY,
              "build without --import-memory (AssemblyScript: --importMemory; Emscripten:"
                  + " -sIMPORTED_MEMORY)"),
          kind(Kind.TABLE, "build without --import-table (AssemblyScript: --importTable)"),
          kind(Kind.GLOBAL, "build without -fPIC and -shared"),
          env("abort", "AssemblyScript: use its own abort, or build with --use abort="),
          env(
              "seed|trace|(console|Date|process|performance|crypto|Math)\\..*",
              "AssemblyScript: build with @assemblyscript/wasi-shim, or replace it with --use"),
          env("__cxa_.*|_Unwind_.*", "build C++ with -fno-exceptions"),
          env(
              "setjmp|longjmp|emscripten_longjmp|invoke_.*|__wasm_(set|long)jmp.*",
              "build without setjmp and longjmp (Emscripten: -sSUPPORT_LONGJMP=0)"),
          env(
              "_?emscripten_.*|__syscall_.*|_?abort_js|__assert_fail|_tzset_js|_mmap_js",
              "build with Emscripten's -sSTANDALONE_WASM, or for WASI (wasm32-wasip1)"),
          env(
              ".*",
              "no library defines it: link the one that does, or declare the import's module"
                  + " (C: __attribute__((import_module)); Rust: #[link(wasm_import_module)])"));

  private ImportAdvice() {}

  private record Advice(Predicate<Import> applies, String text) {}

  /** A clause for the end of a message, or nothing. */
  static String of(Import imported) {
    return ALL.stream()
        .filter(advice -> advice.applies().test(imported))
        .findFirst()
        .map(advice -> "; " + advice.text())
        .orElse("");
  }

  private static Advice module(String names, String text) {
    var pattern = Pattern.compile(names);
    return new Advice(imported -> pattern.matcher(imported.module()).matches(), text);
  }

  private static Advice kind(Kind kind, String text) {
    return new Advice(
        imported -> imported instanceof NonFunctionImport thing && thing.kind() == kind, text);
  }

  private static Advice env(String names, String text) {
    var pattern = Pattern.compile(names);
    return new Advice(
        imported ->
            imported.module().equals(HostFunctionTable.ENV_MODULE)
                && pattern.matcher(imported.name()).matches(),
        text);
  }
}
