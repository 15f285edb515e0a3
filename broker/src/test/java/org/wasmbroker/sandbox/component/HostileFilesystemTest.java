package org.wasmbroker.sandbox.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasmbroker.sandbox.component.FileCommands.LIMITS;
import static org.wasmbroker.sandbox.component.FileCommands.calls;
import static org.wasmbroker.sandbox.component.FileCommands.error;
import static org.wasmbroker.sandbox.component.FileCommands.output;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.testing.FileComponents;

/** Components that want more of files than they were given. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileFilesystemTest {
  private static final String OPEN_GIVEN =
      "(local.set $h (call $open (i32.const 1000) (i32.const 5) (i32.const 0) (i32.const 3)))";
  private static final String STREAM = "(i32.load (i32.const 516))";

  private FileCommands commands;

  @BeforeAll
  void start() {
    commands = new FileCommands();
  }

  @AfterAll
  void close() {
    commands.close();
  }

  /** Whatever a run did, nothing of it is left, and the next finds what it was given. */
  @AfterEach
  void nothingIsLeft() {
    assertThat(commands.bytes()).isZero();
    assertThat(
            output(
                commands.run(
                    OPEN_GIVEN
                        + "(call $pread (local.get $h) (i64.const 99) (i64.const 0)"
                        + " (i32.const 512)) (call $say-answer)",
                    "given")))
        .isEqualTo("0123456789");
  }

  /** By every function that takes a path. */
  @ParameterizedTest
  @CsvSource({
    "../given, not-permitted",
    "x/../../given, no-entry",
    "./../given, not-permitted",
    "/etc/passwd, not-permitted",
    "/step/given, not-permitted",
    "given/, not-directory",
    "given/x, not-directory",
    "given\\00, invalid",
    "g\\ff, illegal-byte-sequence",
    "none/x, no-entry",
    "'', no-entry",
  })
  void aPathThatLeadsNowhereOrOutIsRefused(String path, String error) {
    int length = path.replaceAll("\\\\[0-9a-f]{2}", "x").length();
    var at = "(i32.const 1000) (i32.const %d)".formatted(length);
    for (var use :
        new String[] {
          "(drop (call $open %s (i32.const 0) (i32.const 1)))",
          "(drop (call $open %s (i32.const 0) (i32.const 2)))",
          "(call $stat-at (global.get $root) (i32.const 1) %s (i32.const 512)) (call $must8)",
          "(call $metadata-hash-at (global.get $root) (i32.const 1) %s (i32.const 512))"
              + " (call $must8)",
          "(call $set-times-at (global.get $root) (i32.const 1) %s (i32.const 1) (i64.const 0)"
              + " (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 0) (i32.const 512))"
              + " (call $must)",
          "(call $unlink-file-at (global.get $root) %s (i32.const 512)) (call $must)",
          "(call $remove-directory-at (global.get $root) %s (i32.const 512)) (call $must)",
          "(call $rename-at (global.get $root) %s (global.get $root) (i32.const 1100)"
              + " (i32.const 1) (i32.const 512)) (call $must)",
          "(call $readlink-at (global.get $root) %s (i32.const 512)) (call $must4)",
        }) {
      assertThat(error(commands.run(use.formatted(at), path, "n"))).as(use).isEqualTo(error);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"../new", "/new", "x/../../new"})
  void nothingIsMadeOutsideOfTheDirectory(String path) {
    var at = "(i32.const 1100) (i32.const %d)".formatted(path.length());
    var directory = "(call $create-directory-at (global.get $root) %s (i32.const 512))";
    for (var use :
        new String[] {
          "(drop (call $open %s (i32.const 1) (i32.const 2)))",
          directory + " (call $must)",
          "(call $rename-at (global.get $root) (i32.const 1000) (i32.const 5) (global.get $root)"
              + " %s (i32.const 512)) (call $must)",
        }) {
      var made = directory.formatted("(i32.const 1200) (i32.const 1)") + use.formatted(at);

      assertThat(error(commands.run(made, "given", path, "x"))).as(use).isEqualTo("not-permitted");
    }
  }

  @Test
  void aPathThatIsTooLongIsRefused() {
    var longest =
        "(memory.fill (i32.const 20000) (i32.const 97) (i32.const 40000))"
            + "(drop (call $open (i32.const 20000) (i32.const %d) (i32.const 1) (i32.const 2)))";

    assertThat(error(commands.run(longest.formatted(4097)))).isEqualTo("name-too-long");
    assertThat(error(commands.run(longest.formatted(40_000)))).isEqualTo("name-too-long");
    assertThat(error(commands.run(longest.formatted(256)))).isEqualTo("name-too-long");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(drop (call $open (i32.const -1) (i32.const 5) (i32.const 0) (i32.const 1)))",
        "(drop (call $open (i32.const 65530) (i32.const 7) (i32.const 0) (i32.const 1)))",
        "(drop (call $open (i32.const 0) (i32.const -1) (i32.const 0) (i32.const 1)))",
        "(call $pwrite (global.get $root) (i32.const 1) (i32.const -1) (i64.const 0)"
            + " (i32.const 512))",
        "(call $pread (global.get $root) (i64.const 1) (i64.const 0) (i32.const 65534))",
        "(call $stat (global.get $root) (i32.const 65480))",
        "(call $stat (global.get $root) (i32.const 513))",
        "(call $get-directories (i32.const -4))",
        "(call $read-directory (global.get $root) (i32.const 65533))",
      })
  void aPointerOutsideOfItsMemoryEndsTheRun(String use) {
    assertTrap(commands.run(use));
  }

  @ParameterizedTest
  @CsvSource({
    "pread, -1, invalid",
    "pread, -9223372036854775808, invalid",
    "pwrite, -1, invalid",
    "pwrite, -9223372036854775808, invalid",
    "pwrite, 9223372036854775807, file-too-large",
    "pwrite, 4294967296, file-too-large",
    "pwrite, 20000, insufficient-space",
    "set-size, -1, invalid",
    "set-size, 9223372036854775807, file-too-large",
    "set-size, 20001, insufficient-space",
    "write-via-stream, -1, invalid",
    "write-via-stream, 9223372036854775807, file-too-large",
    "write-via-stream, 20000, insufficient-space",
    "read-via-stream, -1, invalid",
  })
  void aHugeOffsetOrSizeIsRefused(String function, long offset, String error) {
    var use =
        switch (function) {
          case "pread" ->
              "(call $pread (local.get $h) (i64.const 1) (i64.const %d) (i32.const 512))"
                  + "(call $must4)";
          case "pwrite" ->
              "(call $pwrite (local.get $h) (i32.const 0) (i32.const 1) (i64.const %d)"
                  + " (i32.const 512)) (call $must8)";
          case "set-size" ->
              "(call $set-size (local.get $h) (i64.const %d) (i32.const 512)) (call $must)";
          default ->
              "(call $"
                  + function
                  + " (local.get $h) (i64.const %d) (i32.const 512)) (call $must4)"
                  + (function.startsWith("read")
                      ? "(call $read " + STREAM + " (i64.const 1) (i32.const 480))"
                      : "(call $write " + STREAM + " (i32.const 0) (i32.const 1) (i32.const 480))")
                  + "(if (i32.eqz (i32.load8_u (i32.const 480))) (then unreachable))"
                  + "(call $error-code (i32.load (i32.const 488)) (i32.const 512)) (call $must)";
        };

    assertThat(error(commands.run(OPEN_GIVEN + use.formatted(offset), "given"))).isEqualTo(error);
  }

  @Test
  void aReadOfEverythingThereIsGivesNoMoreThanAPiece() {
    var read = "(call $pread (local.get $h) (i64.const -1) (i64.const 10) (i32.const 512))";

    assertThat(
            output(
                commands.run(
                    OPEN_GIVEN
                        + read
                        + "(call $must4) (call $say-answer)"
                        + "(call $say-number (i64.load8_u (i32.const 524)))",
                    "given")))
        .as("nothing, and the end")
        .isEqualTo("1");
  }

  /** The handle of a stream, one that was dropped, one that never was, and one that was given. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(call $stat (global.get $out) (i32.const 512))",
        "(call $drop (local.get $h)) (call $stat (local.get $h) (i32.const 512))",
        "(call $drop (local.get $h)) (call $drop (local.get $h))",
        "(call $stat (i32.const 0) (i32.const 512))",
        "(call $stat (i32.const 77) (i32.const 512))",
        "(call $stat (i32.const -1) (i32.const 512))",
        "(call $read (local.get $h) (i64.const 1) (i32.const 512))",
        "(call $read-directory-entry (global.get $root) (i32.const 512))",
        "(call $error-code (local.get $h) (i32.const 512))",
        "(call $rename-at (local.get $h) (i32.const 0) (i32.const 1) (global.get $out)"
            + " (i32.const 0) (i32.const 1) (i32.const 512))",
        "(drop (call $is-same-object (local.get $h) (global.get $out)))",
      })
  void aHandleOfSomethingElseEndsTheRun(String use) {
    assertTrap(commands.run(OPEN_GIVEN + use, "given"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(call $open-at (local.get $h) (i32.const 0) (i32.const 1000) (i32.const 5) (i32.const 0)"
            + " (i32.const 1) (i32.const 512)) (call $must4)",
        "(call $create-directory-at (local.get $h) (i32.const 1000) (i32.const 1) (i32.const 512))"
            + " (call $must)",
        "(call $read-directory (local.get $h) (i32.const 512)) (call $must4)",
      })
  void aFileIsNoDirectory(String use) {
    assertThat(error(commands.run(OPEN_GIVEN + use, "given"))).isEqualTo("not-directory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(call $pread (global.get $root) (i64.const 1) (i64.const 0) (i32.const 512))"
            + " (call $must4)",
        "(call $pwrite (global.get $root) (i32.const 0) (i32.const 1) (i64.const 0)"
            + " (i32.const 512)) (call $must8)",
        "(call $read-via-stream (global.get $root) (i64.const 0) (i32.const 512)) (call $must4)",
        "(call $append-via-stream (global.get $root) (i32.const 512)) (call $must4)",
        "(call $set-size (global.get $root) (i64.const 0) (i32.const 512)) (call $must)",
      })
  void aDirectoryIsNoFile(String use) {
    assertThat(error(commands.run(use))).isEqualTo("bad-descriptor");
  }

  @Test
  void moreDescriptorsThanThereMayBeAreRefused() {
    var result = commands.run("(loop $more " + OPEN_GIVEN + " (br $more))", "given");

    assertThat(error(result)).isEqualTo("quota");
    assertThat(calls(result, "path_open")).as("256 without the directory").isEqualTo(255);
  }

  /** A stream keeps its descriptor open, so that dropping the descriptor makes no room. */
  @Test
  void streamsHoldTheDescriptorsThatCountAsOpen() {
    var result =
        commands.run(
            "(loop $more "
                + OPEN_GIVEN
                + "(call $read-via-stream (local.get $h) (i64.const 0) (i32.const 512))"
                + "(call $must4) (call $drop (local.get $h)) (br $more))",
            "given");

    assertThat(error(result)).isEqualTo("quota");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(call $get-directories (i32.const 512))",
        "(call $read-directory (global.get $root) (i32.const 512)) (call $must4)",
        "(call $append-via-stream (local.get $h) (i32.const 512)) (call $must4)",
      })
  void moreHandlesThanThereMayBeEndTheRun(String use) {
    assertTrap(commands.run(OPEN_GIVEN + "(loop $more " + use + " (br $more))", "given"));
  }

  @Test
  void moreFilesThanThereMayBeAreRefused() {
    var result =
        commands.run(
            """
            (loop $more
              (i32.store8 (i32.const 1000) (i32.add (i32.load8_u (i32.const 1000)) (i32.const 1)))
              (call $drop (call $open (i32.const 1000) (i32.const 1) (i32.const 1) (i32.const 2)))
              (br $more))
            """,
            "0");

    assertThat(error(result)).isEqualTo("insufficient-space");
    assertThat(calls(result, "path_open")).isEqualTo(49);
  }

  /** Each directory in the one before it, deeper than a path could say. */
  @Test
  void directoriesInEachOtherCountLikeOthers() {
    var result =
        commands.run(
            """
            (local.set $h (global.get $root))
            (loop $deeper
              (call $create-directory-at (local.get $h) (i32.const 1000) (i32.const 1)
                (i32.const 512))
              (call $must)
              (call $open-at (local.get $h) (i32.const 0) (i32.const 1000) (i32.const 1)
                (i32.const 2) (i32.const 1) (i32.const 512))
              (call $must4)
              (local.set $h (i32.load (i32.const 516)))
              (br $deeper))
            """,
            "d");

    assertThat(error(result)).isEqualTo("insufficient-space");
    assertThat(calls(result, "path_create_directory")).isEqualTo(49);
  }

  @Test
  void aDirectoryIsNotMovedIntoItself() {
    var result =
        commands.run(
            """
            (call $create-directory-at (global.get $root) (i32.const 1000) (i32.const 1)
              (i32.const 512))
            (call $must)
            (call $rename-at (global.get $root) (i32.const 1000) (i32.const 1) (global.get $root)
              (i32.const 1000) (i32.const 3) (i32.const 512))
            (call $must)
            """,
            "d/d");

    assertThat(error(result)).isEqualTo("invalid");
  }

  /** What a removed file had is free once nothing has it open: no stream and no descriptor. */
  @Test
  void aRemovedFileTakesItsSpaceUntilTheLastStreamOfItIsDropped() {
    var held =
        """
        %s
        (call $set-size (local.get $h) (i64.const 15000) (i32.const 512))
        (call $must)
        (call $read-via-stream (local.get $h) (i64.const 0) (i32.const 512))
        (call $must4)
        (local.set $n %s)
        (call $unlink-file-at (global.get $root) (i32.const 1000) (i32.const 5) (i32.const 512))
        (call $must)
        (call $drop (local.get $h))
        %s
        (local.set $h (call $open (i32.const 1100) (i32.const 1) (i32.const 1) (i32.const 2)))
        (call $set-size (local.get $h) (i64.const 6000) (i32.const 512))
        (call $must)
        (call $say (i32.const 1100) (i32.const 1))
        """;

    assertThat(error(commands.run(held.formatted(OPEN_GIVEN, STREAM, ""), "given", "n")))
        .isEqualTo("insufficient-space");
    assertThat(
            output(
                commands.run(
                    held.formatted(OPEN_GIVEN, STREAM, "(call $drop-input (local.get $n))"),
                    "given",
                    "n")))
        .isEqualTo("n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(call $read-directory-entry (local.get $n) (i32.const 512))",
        "(call $get-directories (i32.const 512))"
            + " (call $drop (i32.load (i32.load (i32.const 512))))",
        "(call $append-via-stream (local.get $h) (i32.const 512)) (call $drop-output "
            + STREAM
            + ")",
        "(call $pread (local.get $h) (i64.const 0) (i64.const 0) (i32.const 512))",
        "(call $set-times (local.get $h) (i32.const 2) (i64.const -1) (i32.const 0) (i32.const 0)"
            + " (i64.const 0) (i32.const 0) (i32.const 512))",
        "(drop (call $is-same-object (local.get $h) (local.get $h)))",
        "(call $error-code (i32.load (i32.const 488)) (i32.const 512))",
      })
  void aStormOfCallsExceedsTheLimit(String use) {
    var storm =
        OPEN_GIVEN
            + """
            (call $read-directory (global.get $root) (i32.const 512))
            (local.set $n %s)
            (call $write-via-stream (local.get $h) (i64.const -1) (i32.const 512))
            (call $write %s (i32.const 0) (i32.const 1) (i32.const 480))
            (loop $more %s (br $more))
            """
                .formatted(STREAM, STREAM, use);
    // A list of the directories takes memory each time.
    var limits = LIMITS.withHostCalls(900);

    assertThat(commands.run(DirectoryMode.READ_WRITE, limits, storm, "given"))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> assertThat(exceeded.limit()).isEqualTo(LimitKind.HOST_CALLS));
  }

  @Test
  void aComponentWithTwoContentsIsRefused() {
    var component = ModuleContent.put(FileComponents.command(""), new byte[1]);
    var directory = new GrantedDirectory("/lib", DirectoryMode.READ, DirectorySource.EMPTY, null);

    assertThatThrownBy(
            () -> commands.run(directory, LIMITS, ModuleContent.put(component, new byte[1])))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("two sections 'wasm_broker.content'");
  }

  private static void assertTrap(InvocationResult result) {
    assertThat(result)
        .isInstanceOfSatisfying(
            Trapped.class, trapped -> assertThat(trapped.kind()).isEqualTo(TrapKind.HOST_FUNCTION));
  }
}
