package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.files.FileStore;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.Outcomes;

/**
 * WASI's file functions over the directories of a grant, on every engine. A guest ends with the
 * error number of the first call that fails, and writes what it read to its standard output.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FilesContract {
  private static final String IMPORTS =
      """
      (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (import "wasi_snapshot_preview1" "fd_write"
        (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read"
        (func $fd_read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_pread"
        (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_pwrite"
        (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_seek"
        (func $fd_seek (param i32 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_readdir"
        (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_get"
        (func $fd_prestat_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
        (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_filestat_get"
        (func $fd_filestat_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_filestat_set_size"
        (func $fd_filestat_set_size (param i32 i64) (result i32)))
      (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_symlink"
        (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_link"
        (func $path_link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_rename"
        (func $path_rename (param i32 i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_unlink_file"
        (func $path_unlink_file (param i32 i32 i32) (result i32)))
      (func $check (param $errno i32)
        (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
      ;; Opens a path from descriptor 3 on, to read and write, and returns the descriptor.
      (func $open (param $path i32) (param $length i32) (param $how i32) (result i32)
        (call $check
          (call $path_open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length)
            (local.get $how) (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 60000)))
        (i32.load (i32.const 60000)))
      (func $write (param $fd i32) (param $at i32) (param $length i32)
        (i32.store (i32.const 60004) (local.get $at))
        (i32.store (i32.const 60008) (local.get $length))
        (call $check
          (call $fd_write (local.get $fd) (i32.const 60004) (i32.const 1) (i32.const 60012))))
      ;; Returns how many bytes were read to 30000.
      (func $read (param $fd i32) (param $length i32) (result i32)
        (i32.store (i32.const 60004) (i32.const 30000))
        (i32.store (i32.const 60008) (local.get $length))
        (call $check
          (call $fd_read (local.get $fd) (i32.const 60004) (i32.const 1) (i32.const 60012)))
        (i32.load (i32.const 60012)))
      """;

  private static final int CREATE = 1;

  private Engine engine;
  private final FileStore store =
      new FileStore(new FilesConfig(1 << 20), TimeSource.SYSTEM, EventSink.NONE);

  abstract Engine start(EngineConfig config);

  @BeforeAll
  void startEngine() {
    engine = start(EngineConfig.of(1));
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  /**
   * @param names at 0, 100, 200, … of the memory
   */
  private InvocationResult run(DirectoryMode mode, String code, String... names) {
    var data = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      data.append("(data (i32.const %d) \"%s\")%n".formatted(100 * i, names[i]));
    }
    var wasm =
        Wat.toWasm(
            """
            (module %s (memory (export "memory") 1) %s (func (export "_start") (local $fd i32) %s))
            """
                .formatted(IMPORTS, data, code));
    var grant =
        new FilesGrant(
            20_000, 50, List.of(new GrantedDirectory("/step", mode, DirectorySource.INPUT, null)));
    var step =
        Outcomes.step("files")
            .withDocument(Document.of("{\"config\":{\"files\":{\"/step/given\":\"0123456789\"}}}"));
    try (var module = engine.compile(wasm, Limits.DEFAULTS);
        var files = store.open(grant, step, Outcomes.module("files"))) {
      return module.run(
          new Invocation(
              "files",
              step.document(),
              Limits.DEFAULTS,
              new Cancellation(),
              GuestLog.NONE,
              new Access(Capabilities.STANDARD.basicFunctions(), List.of(files))));
    }
  }

  private InvocationResult run(String code, String... names) {
    return run(DirectoryMode.READ_WRITE, code, names);
  }

  private static String output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return new String(((Completed) result).output().bytes(), StandardCharsets.UTF_8);
  }

  private static int code(InvocationResult result) {
    assertThat(result).isInstanceOf(GuestFailed.class);
    return ((GuestFailed) result).code();
  }

  @Test
  void aRunWhoseFilesDoNotFitBesideThoseOfOtherStepsEndsForNow() {
    var grant =
        new FilesGrant(
            1 << 20,
            50,
            List.of(
                new GrantedDirectory(
                    "/step", DirectoryMode.READ_WRITE, DirectorySource.INPUT, null)));
    var all = "{\"config\":{\"files\":{\"/step/a\":\"" + "x".repeat((1 << 20) - 600) + "\"}}}";
    var other = Outcomes.step("files").withDocument(Document.of(all));
    try (var files = store.open(grant, other, Outcomes.module("files"))) {
      files.begin(() -> 0, null);

      assertThatThrownBy(() -> run("(drop (call $fd_prestat_get (i32.const 3) (i32.const 0)))"))
          .isInstanceOfSatisfying(
              StepRefusedException.class,
              refused -> assertThat(refused.error().type()).isEqualTo("files_unavailable"));
    }
  }

  @Test
  void theDirectoryIsFoundOpenUnderItsName() {
    var result =
        run(
            """
            (call $check (call $fd_prestat_get (i32.const 3) (i32.const 0)))
            (call $check (call $fd_prestat_dir_name (i32.const 3) (i32.const 100)
              (i32.load (i32.const 4))))
            (call $write (i32.const 1) (i32.const 100) (i32.load (i32.const 4)))
            (if (i32.ne (call $fd_prestat_get (i32.const 4) (i32.const 0)) (i32.const 8))
              (then unreachable))
            """);

    assertThat(output(result)).isEqualTo("/step");
  }

  @Test
  void aFileIsWrittenAndRead() {
    var result =
        run(
            """
            (local.set $fd (call $open (i32.const 0) (i32.const 5) (i32.const %d)))
            (call $write (local.get $fd) (i32.const 100) (i32.const 7))
            (call $check (call $fd_seek (local.get $fd) (i64.const 2) (i32.const 0)
              (i32.const 60020)))
            (call $write (i32.const 1) (i32.const 30000) (call $read (local.get $fd)
              (i32.const 100)))
            (call $check (call $fd_close (local.get $fd)))
            """
                .formatted(CREATE),
            "a.txt",
            "written");

    assertThat(output(result)).isEqualTo("itten");
    assertThat(result.receipt().hostCalls())
        .anySatisfy(
            count -> {
              assertThat(count.function()).isEqualTo("path_open");
              assertThat(count.allowed()).isEqualTo(1);
            });
  }

  @Test
  void whatWasGivenIsReadFromAPlaceInIt() {
    var result =
        run(
            """
            (local.set $fd (call $open (i32.const 0) (i32.const 5) (i32.const 0)))
            (i32.store (i32.const 60004) (i32.const 30000))
            (i32.store (i32.const 60008) (i32.const 4))
            (call $check (call $fd_pread (local.get $fd) (i32.const 60004) (i32.const 1)
              (i64.const 7) (i32.const 60012)))
            (call $write (i32.const 1) (i32.const 30000) (i32.load (i32.const 60012)))
            """,
            "given");

    assertThat(output(result)).isEqualTo("789");
  }

  @Test
  void aListIsCutOffAtTheEndOfTheBuffer() {
    var result =
        run(
            """
            (call $check (call $fd_readdir (i32.const 3) (i32.const 1000) (i32.const 80)
              (i64.const 0) (i32.const 60012)))
            (if (i32.ne (i32.load (i32.const 60012)) (i32.const 80)) (then unreachable))
            (call $check (call $fd_readdir (i32.const 3) (i32.const 1000) (i32.const 80)
              (i64.const 2) (i32.const 60012)))
            (call $write (i32.const 1) (i32.const 1024) (i32.load (i32.const 1016)))
            """);

    assertThat(output(result)).isEqualTo("given");
  }

  @ParameterizedTest
  @CsvSource({
    "../given, 63",
    "/etc/passwd, 63",
    "/step/given, 63",
    "..\\\\given, 44",
    "given/, 54",
    "given\\00, 28",
    "g\\ff, 25",
    "none, 44",
    "'', 44",
  })
  void aPathThatLeadsNowhereOrOutIsRefused(String path, int errno) {
    int length = path.replaceAll("\\\\([0-9a-f]{2}|.)", "x").length();

    assertThat(
            code(
                run(
                    "(drop (call $open (i32.const 0) (i32.const %d) (i32.const 0)))"
                        .formatted(length),
                    path)))
        .isEqualTo(errno);
  }

  @ParameterizedTest
  @CsvSource({
    "'(call $open (i32.const -1) (i32.const 5) (i32.const 0))', 21",
    "'(call $open (i32.const 65530) (i32.const 7) (i32.const 0))', 21",
    "'(call $open (i32.const 0) (i32.const 4097) (i32.const 0))', 37",
    "'(call $open (i32.const 0) (i32.const 5) (i32.const 16))', 28",
    "'(call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)"
        + " (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 65533))', 21",
    "'(call $path_open (i32.const 9) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)"
        + " (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))', 8",
    "'(call $path_open (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)"
        + " (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))', 8",
    "'(call $path_symlink (i32.const 0) (i32.const 5) (i32.const 3) (i32.const 0) (i32.const 1))',"
        + " 58",
    "'(call $path_link (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 3)"
        + " (i32.const 1) (i32.const 2))', 58",
    "'(call $fd_readdir (i32.const 3) (i32.const 65000) (i32.const 1000) (i64.const 0)"
        + " (i32.const 0))', 21",
    "'(call $fd_readdir (i32.const 3) (i32.const 0) (i32.const 9) (i64.const -1)"
        + " (i32.const 0))', 28",
    "'(call $fd_filestat_get (i32.const 3) (i32.const 65500))', 21",
    "'(call $fd_prestat_dir_name (i32.const 3) (i32.const 0) (i32.const 4))', 37",
    "'(call $fd_prestat_dir_name (i32.const 3) (i32.const 65535) (i32.const 5))', 21",
    "'(call $fd_seek (i32.const 3) (i64.const 0) (i32.const 0) (i32.const 0))', 8",
    "'(call $fd_read (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0))', 8",
    "'(call $path_rename (i32.const 3) (i32.const 0) (i32.const 5) (i32.const 8) (i32.const 0)"
        + " (i32.const 5))', 8",
  })
  void whatIsWrongWithACallIsItsErrorNumber(String call, int errno) {
    var code =
        call.contains("$open ") ? "(drop %s)".formatted(call) : "(call $check %s)".formatted(call);

    assertThat(code(run(code, "given"))).isEqualTo(errno);
  }

  @Test
  void aDirectoryThatIsReadIsNotWritten() {
    assertThat(
            code(
                run(
                    DirectoryMode.READ,
                    "(drop (call $open (i32.const 0) (i32.const 5) (i32.const 0)))",
                    "given")))
        .isEqualTo(69);
    assertThat(
            code(
                run(
                    DirectoryMode.READ,
                    "(call $check (call $path_unlink_file (i32.const 3) (i32.const 0)"
                        + " (i32.const 5)))",
                    "given")))
        .isEqualTo(69);
  }

  @Test
  void aFileOfAHugeSizeIsRefused() {
    var result =
        run(
            """
            (local.set $fd (call $open (i32.const 0) (i32.const 5) (i32.const 0)))
            (call $check (call $fd_filestat_set_size (local.get $fd)
              (i64.const 0x7fffffffffffffff)))
            """,
            "given");

    assertThat(code(result)).isEqualTo(22);
  }

  @Test
  void aWriteFarBehindTheEndIsRefused() {
    var result =
        run(
            """
            (local.set $fd (call $open (i32.const 0) (i32.const 5) (i32.const 0)))
            (i32.store (i32.const 60004) (i32.const 0))
            (i32.store (i32.const 60008) (i32.const 1))
            (call $check (call $fd_pwrite (local.get $fd) (i32.const 60004) (i32.const 1)
              (i64.const 20000) (i32.const 60012)))
            """,
            "given");

    assertThat(code(result)).isEqualTo(51);
  }

  @Test
  void moreOpenFilesThanThereMayBeAreRefused() {
    var result =
        run(
            """
            (loop $more
              (drop (call $open (i32.const 0) (i32.const 5) (i32.const 0)))
              (br $more))
            """,
            "given");

    assertThat(code(result)).isEqualTo(33);
  }

  @Test
  void moreFilesThanThereMayBeAreRefused() {
    var result =
        run(
            """
            (loop $more
              (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
              (call $check (call $fd_close
                (call $open (i32.const 0) (i32.const 1) (i32.const %d))))
              (br $more))
            """
                .formatted(CREATE),
            "0");

    assertThat(code(result)).isEqualTo(51);
  }

  @Test
  void withoutAGrantNoDirectoryIsOpen() {
    var wasm =
        Wat.toWasm(
            """
            (module %s (memory (export "memory") 1)
              (func (export "_start")
                (call $check (call $fd_prestat_get (i32.const 3) (i32.const 0)))))
            """
                .formatted(IMPORTS));
    try (var module = engine.compile(wasm, Limits.DEFAULTS)) {
      var result =
          module.run(
              new Invocation(
                  "files",
                  Document.of("{}"),
                  Limits.DEFAULTS,
                  new Cancellation(),
                  GuestLog.NONE,
                  Capabilities.STANDARD.basicAccess()));

      assertThat(code(result)).isEqualTo(8);
    }
  }

  @Test
  void nothingRemainsOfTheFilesOfStepsThatHaveEnded() {
    var _ =
        run("(drop (call $open (i32.const 0) (i32.const 5) (i32.const 0))) unreachable", "given");

    assertThat(store.bytes()).isZero();
  }
}
