package org.wasmbroker.sandbox.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasmbroker.sandbox.component.FileCommands.LIMITS;
import static org.wasmbroker.sandbox.component.FileCommands.calls;
import static org.wasmbroker.sandbox.component.FileCommands.error;
import static org.wasmbroker.sandbox.component.FileCommands.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.FileError;
import org.wasmbroker.testing.FileComponents;

/** The files of a grant as components see them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FilesystemTest {
  private static final String GIVEN = "(i32.const 1000) (i32.const 5)";
  private static final String OPEN_GIVEN =
      "(local.set $h (call $open " + GIVEN + " (i32.const 0) (i32.const 3)))";
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

  @Test
  void theDirectoryIsFoundUnderItsNameAsOftenAsItIsAskedFor() {
    var result =
        commands.run(
            """
            (loop $again
              (call $get-directories (i32.const 512))
              (if (i32.ne (i32.load (i32.const 516)) (i32.const 1)) (then unreachable))
              (call $say (i32.load offset=4 (i32.load (i32.const 512)))
                (i32.load offset=8 (i32.load (i32.const 512))))
              (call $drop (i32.load (i32.load (i32.const 512))))
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $n) (i32.const 3))))
            """);

    assertThat(output(result)).isEqualTo("/step/step/step");
    assertThat(calls(result, "fd_close")).as("a given directory stays open").isZero();
  }

  @Test
  void withoutAGrantThereIsNoDirectory() {
    var result =
        commands.runWithoutFiles(
            """
            (call $get-directories (i32.const 512))
            (call $say-number (i64.extend_i32_u (i32.load (i32.const 516))))
            """);

    assertThat(output(result)).isEqualTo("0");
    assertThat(result.receipt().hostCalls())
        .anySatisfy(
            count -> {
              assertThat(count.function()).isEqualTo("fd_prestat_get");
              assertThat(count.failed()).isEqualTo(2);
            });
  }

  @Test
  void aFileIsWrittenAndReadAtPlaces() {
    var result =
        commands.run(
            """
            (local.set $h (call $open (i32.const 1000) (i32.const 1) (i32.const 1) (i32.const 3)))
            (call $pwrite (local.get $h) (i32.const 1100) (i32.const 7) (i64.const 2)
              (i32.const 512))
            (call $must8)
            (call $say-number (i64.load (i32.const 520)))
            (call $pread (local.get $h) (i64.const 4) (i64.const 4) (i32.const 512))
            (call $must4)
            (call $say-answer)
            (call $say-number (i64.load8_u (i32.const 524)))
            (call $pread (local.get $h) (i64.const -1) (i64.const 5) (i32.const 512))
            (call $must4)
            (call $say-answer)
            (call $say-number (i64.load8_u (i32.const 524)))
            (call $drop (local.get $h))
            """,
            "a",
            "written");

    assertThat(output(result))
        .as("a number or text, and whether it was the end")
        .isEqualTo("7itte0tten1");
    assertThat(calls(result, "path_open")).isEqualTo(1);
    assertThat(calls(result, "fd_pwrite")).isEqualTo(1);
    assertThat(calls(result, "fd_pread")).isEqualTo(2);
    assertThat(calls(result, "fd_close")).isEqualTo(1);
  }

  /** More than one piece of what a stream takes. */
  @Test
  void aLargeWriteIsTakenWholeAndStopsWhereThereIsNoSpace() {
    var fits = OPEN_GIVEN + "(drop (memory.grow (i32.const 3)))" + largeWrite(20_000);
    var doesNot = OPEN_GIVEN + "(drop (memory.grow (i32.const 3)))" + largeWrite(20_001);
    var inPieces = OPEN_GIVEN + "(drop (memory.grow (i32.const 3)))" + largeWrite(70_000);

    assertThat(output(commands.run(fits, "given"))).isEqualTo("20000");
    assertThat(error(commands.run(doesNot, "given"))).isEqualTo("insufficient-space");
    assertThat(error(commands.run(inPieces, "given"))).isEqualTo("insufficient-space");
  }

  private static String largeWrite(int bytes) {
    return """
    (call $pwrite (local.get $h) (i32.const 65536) (i32.const %d) (i64.const 0) (i32.const 512))
    (call $must8)
    (call $say-number (i64.load (i32.const 520)))
    """
        .formatted(bytes);
  }

  @Test
  void aStreamReadsFromItsPlaceToTheEndAndIsClosedThen() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (call $read-via-stream (local.get $h) (i64.const 3) (i32.const 512))
                (call $must4)
                (local.set $n %s)
                (call $read (local.get $n) (i64.const 2) (i32.const 512))
                (call $say-answer)
                (call $skip (local.get $n) (i64.const 2) (i32.const 512))
                (call $say-number (i64.load (i32.const 520)))
                (call $read (local.get $n) (i64.const -1) (i32.const 512))
                (call $say-answer)
                (call $read (local.get $n) (i64.const 1) (i32.const 512))
                (if (i32.ne (i32.load8_u (i32.const 512)) (i32.const 1)) (then unreachable))
                (if (i32.ne (i32.load8_u (i32.const 516)) (i32.const 1)) (then unreachable))
                """
                    .formatted(STREAM),
            "given");

    assertThat(output(result)).isEqualTo("342789");
  }

  /** Each stream has a place of its own; what is appended goes to the end, wherever that is. */
  @Test
  void streamsOfOneFileDoNotDisturbEachOther() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (call $write-via-stream (local.get $h) (i64.const 1) (i32.const 512))
                (call $must4)
                (local.set $n %s)
                (call $append-via-stream (local.get $h) (i32.const 512))
                (call $must4)
                (call $write (local.get $n) (i32.const 1100) (i32.const 2) (i32.const 480))
                (call $write %s (i32.const 1102) (i32.const 1) (i32.const 480))
                (call $write (local.get $n) (i32.const 1103) (i32.const 1) (i32.const 480))
                (call $write %s (i32.const 1104) (i32.const 2) (i32.const 480))
                (call $write-zeroes (local.get $n) (i64.const 1) (i32.const 480))
                (call $pread (local.get $h) (i64.const 100) (i64.const 0) (i32.const 512))
                (call $say-answer)
                """
                    .formatted(STREAM, STREAM, STREAM),
            "given",
            "abXcYZ");

    assertThat(output(result)).isEqualTo("0abc\u000056789XYZ");
  }

  @Test
  void aStreamOutlivesTheDescriptorThatItIsOf() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (call $read-via-stream (local.get $h) (i64.const 7) (i32.const 512))
                (call $must4)
                (local.set $n %s)
                (call $drop (local.get $h))
                (call $read (local.get $n) (i64.const 9) (i32.const 512))
                (call $say-answer)
                (call $drop-input (local.get $n))
                """
                    .formatted(STREAM),
            "given");

    assertThat(output(result)).isEqualTo("789");
    assertThat(calls(result, "fd_close")).as("once nothing needs it").isEqualTo(1);
  }

  @Test
  void whatIsDroppedMakesRoom() {
    var result =
        commands.run(
            """
            (loop $again
              %s
              (call $read-via-stream (local.get $h) (i64.const 0) (i32.const 512))
              (call $must4)
              (call $drop-input %s)
              (call $append-via-stream (local.get $h) (i32.const 512))
              (call $must4)
              (call $drop (local.get $h))
              (call $drop-output %s)
              (call $read-directory (global.get $root) (i32.const 512))
              (call $must4)
              (call $drop-listing %s)
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $n) (i32.const 1500))))
            (call $say-number (i64.extend_i32_u (local.get $n)))
            """
                .formatted(OPEN_GIVEN, STREAM, STREAM, STREAM),
            "given");

    assertThat(output(result)).isEqualTo("1500");
    assertThat(calls(result, "fd_close")).isEqualTo(1500);
  }

  @Test
  void aStreamIsSplicedIntoAnother() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (call $read-via-stream (local.get $h) (i64.const 4) (i32.const 512))
                (call $must4)
                (call $splice (global.get $out) %s (i64.const 3) (i32.const 512))
                (call $say-number (i64.load (i32.const 520)))
                """
                    .formatted(STREAM),
            "given");

    assertThat(output(result)).isEqualTo("4563");
  }

  @Test
  void theErrorOfAStreamTellsTheCodeOfTheFile() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (call $write-via-stream (local.get $h) (i64.const 20000) (i32.const 512))
                (call $must4)
                (call $write %s (i32.const 1000) (i32.const 1) (i32.const 480))
                (if (i32.ne (i32.load8_u (i32.const 480)) (i32.const 1)) (then unreachable))
                (if (i32.load8_u (i32.const 484)) (then unreachable))
                (call $debug-string (i32.load (i32.const 488)) (i32.const 516))
                (call $say-answer)
                (call $error-code (i32.load (i32.const 488)) (i32.const 512))
                (if (i32.load8_u (i32.const 512)) (then (call $must)))
                """
                    .formatted(STREAM),
            "given");

    assertThat(error(result)).isEqualTo("insufficient-space");
  }

  @Test
  void theTextOfAnErrorNamesItsCode() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (call $read-via-stream (local.get $h) (i64.const -1) (i32.const 512))
                (call $must4)
                (call $read %s (i64.const 1) (i32.const 480))
                (call $debug-string (i32.load (i32.const 488)) (i32.const 516))
                (call $say-answer)
                """
                    .formatted(STREAM),
            "given");

    assertThat(output(result)).isEqualTo("invalid (error 28 of WASI preview 1)");
  }

  @Test
  void whatIsKnownOfAFileIsWhatPreviewOneKnows() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (call $set-size (local.get $h) (i64.const 12) (i32.const 512))
                (call $must)
                (call $set-times (local.get $h)
                  (i32.const 2) (i64.const 1000000000) (i32.const 7)
                  (i32.const 2) (i64.const 77) (i32.const 999999999) (i32.const 512))
                (call $must)
                (call $stat (local.get $h) (i32.const 512))
                (call $must8)
                (call $say-number (i64.load8_u (i32.const 520)))
                (call $say (i32.const 1100) (i32.const 1))
                (call $say-number (i64.load (i32.const 528)))
                (call $say (i32.const 1100) (i32.const 1))
                (call $say-number (i64.load (i32.const 536)))
                (call $say (i32.const 1100) (i32.const 1))
                (call $say-number (i64.load (i32.const 552)))
                (call $say (i32.const 1100) (i32.const 1))
                (call $say-number (i64.load32_u (i32.const 560)))
                (call $say (i32.const 1100) (i32.const 1))
                (call $stat-at (global.get $root) (i32.const 1) %s (i32.const 512))
                (call $must8)
                (call $say-number (i64.load (i32.const 576)))
                (call $say (i32.const 1100) (i32.const 1))
                (call $say-number (i64.load32_u (i32.const 584)))
                """
                    .formatted(GIVEN),
            "given",
            " ");

    assertThat(output(result))
        .as("type, links, size, time of access, time of modification")
        .isEqualTo("6 1 12 1000000000 7 77 999999999");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1000000000, invalid",
    "-1, 0, overflow",
    "9223372036, 0, overflow",
    "9223372035, 999999999, ",
  })
  void aTimeThatDoesNotFitIsRefused(long seconds, int nanos, String error) {
    var time = "(i32.const 2) (i64.const %d) (i32.const %d)".formatted(seconds, nanos);
    var times =
        OPEN_GIVEN
            + "(call $set-times (local.get $h) (i32.const 0) (i64.const 0) (i32.const 0) "
            + time
            + " (i32.const 512)) (call $must)";
    var timesAt =
        "(call $set-times-at (global.get $root) (i32.const 0) "
            + GIVEN
            + time
            + "(i32.const 1) (i64.const 0) (i32.const 0) (i32.const 512)) (call $must)";

    for (var code : new String[] {times, timesAt}) {
      var result = commands.run(code + "(call $say (i32.const 1000) (i32.const 1))", "given");

      if (error == null) {
        assertThat(output(result)).isEqualTo("g");
      } else {
        assertThat(error(result)).isEqualTo(error);
      }
    }
  }

  @Test
  void flagsAndTypesAreThoseWithWhichAFileWasOpened() {
    var result =
        commands.run(
            """
            (call $get-flags (global.get $root) (i32.const 512))
            (call $must)
            (call $say-number (i64.load8_u (i32.const 513)))
            (call $get-type (global.get $root) (i32.const 512))
            (call $must)
            (call $say-number (i64.load8_u (i32.const 513)))
            (call $say (i32.const 1005) (i32.const 1))
            (local.set $h (call $open %s (i32.const 0) (i32.const 30)))
            (call $append-via-stream (local.get $h) (i32.const 512))
            (call $must4)
            (call $write %s (i32.const 1000) (i32.const 1) (i32.const 480))
            (call $get-flags (local.get $h) (i32.const 512))
            (call $must)
            (call $say-number (i64.load8_u (i32.const 513)))
            (call $get-type (local.get $h) (i32.const 512))
            (call $must)
            (call $say-number (i64.load8_u (i32.const 513)))
            (call $sync (local.get $h) (i32.const 512))
            (call $must)
            (call $sync-data (local.get $h) (i32.const 512))
            (call $must)
            (call $advise (local.get $h) (i64.const 0) (i64.const 9) (i32.const 5) (i32.const 512))
            (call $must)
            """
                .formatted(GIVEN, STREAM),
            "given ");

    assertThat(output(result)).isEqualTo("333 306");
  }

  @Test
  void theSameObjectIsRecognised() {
    var result =
        commands.run(
            OPEN_GIVEN
                + """
                (local.set $n (call $open %s (i32.const 0) (i32.const 1)))
                (call $say-number (i64.extend_i32_u
                  (call $is-same-object (local.get $h) (local.get $n))))
                (call $say-number (i64.extend_i32_u
                  (call $is-same-object (local.get $h) (global.get $root))))
                (call $metadata-hash (local.get $h) (i32.const 512))
                (call $must8)
                (i64.store (i32.const 400) (i64.load (i32.const 520)))
                (i64.store (i32.const 408) (i64.load (i32.const 528)))
                (call $set-size (local.get $h) (i64.const 0) (i32.const 512))
                (call $must)
                (call $metadata-hash-at (global.get $root) (i32.const 0) %s (i32.const 512))
                (call $must8)
                (call $say-number (i64.extend_i32_u (i32.and
                  (i64.eq (i64.load (i32.const 400)) (i64.load (i32.const 520)))
                  (i64.eq (i64.load (i32.const 408)) (i64.load (i32.const 528))))))
                (call $metadata-hash (global.get $root) (i32.const 512))
                (call $must8)
                (call $say-number (i64.extend_i32_u
                  (i64.eq (i64.load (i32.const 400)) (i64.load (i32.const 520)))))
                """
                    .formatted(GIVEN, GIVEN),
            "given");

    assertThat(output(result)).isEqualTo("1010");
  }

  @Test
  void aDirectoryIsMadeFilledListedAndRemoved() {
    var result =
        commands.run(
            """
            (call $create-directory-at (global.get $root) (i32.const 1100) (i32.const 1)
              (i32.const 512))
            (call $must)
            (call $rename-at (global.get $root) %s (global.get $root) (i32.const 1100)
              (i32.const 3) (i32.const 512))
            (call $must)
            (call $drop (call $open (i32.const 1200) (i32.const 3) (i32.const 1) (i32.const 2)))
            (local.set $h (call $open (i32.const 1100) (i32.const 1) (i32.const 2) (i32.const 1)))
            (call $read-directory (local.get $h) (i32.const 512))
            (call $must4)
            (call $say-entries %s)
            (call $unlink-file-at (local.get $h) (i32.const 1102) (i32.const 1) (i32.const 512))
            (call $must)
            (call $unlink-file-at (local.get $h) (i32.const 1202) (i32.const 1) (i32.const 512))
            (call $must)
            (call $remove-directory-at (global.get $root) (i32.const 1100) (i32.const 1)
              (i32.const 512))
            (call $must)
            (call $read-directory (global.get $root) (i32.const 512))
            (call $must4)
            (call $say-entries %s)
            """
                .formatted(GIVEN, STREAM, STREAM),
            "given",
            "d/x",
            "d/y");

    assertThat(output(result)).isEqualTo("x,y,");
  }

  /** What goes while a directory is listed is not listed any more; what comes is. */
  @Test
  void aListShowsTheDirectoryAsItIsWhenItIsRead() {
    var result =
        commands.run(
            """
            (call $drop (call $open (i32.const 1100) (i32.const 1) (i32.const 1) (i32.const 2)))
            (call $drop (call $open (i32.const 1101) (i32.const 1) (i32.const 1) (i32.const 2)))
            (call $read-directory (global.get $root) (i32.const 512))
            (call $must4)
            (local.set $h %s)
            (call $read-directory-entry (local.get $h) (i32.const 512))
            (call $must4)
            (call $say (i32.load (i32.const 524)) (i32.load (i32.const 528)))
            (call $say-number (i64.load8_u (i32.const 520)))
            (call $unlink-file-at (global.get $root) (i32.const 1100) (i32.const 1)
              (i32.const 512))
            (call $must)
            (call $unlink-file-at (global.get $root) %s (i32.const 512))
            (call $must)
            (call $drop (call $open (i32.const 1102) (i32.const 1) (i32.const 1) (i32.const 2)))
            (call $say-entries (local.get $h))
            (call $say-entries (local.get $h))
            """
                .formatted(STREAM, GIVEN),
            "given",
            "abc");

    assertThat(output(result)).isEqualTo("given6b,c,");
  }

  @Test
  void thereAreNoLinks() {
    var link =
        "(call $link-at (global.get $root) (i32.const 0) "
            + GIVEN
            + " (global.get $root) (i32.const 1100) (i32.const 1) (i32.const 512)) (call $must)";
    var symlink =
        "(call $symlink-at (global.get $root) "
            + GIVEN
            + " (i32.const 1100) (i32.const 1) (i32.const 512)) (call $must)";
    var readLink = "(call $readlink-at (global.get $root) %s (i32.const 512)) (call $must4)";

    assertThat(error(commands.run(link, "given", "l"))).isEqualTo("unsupported");
    assertThat(error(commands.run(symlink, "given", "l"))).isEqualTo("unsupported");
    assertThat(error(commands.run(readLink.formatted(GIVEN), "given"))).isEqualTo("invalid");
    assertThat(error(commands.run(readLink.formatted("(i32.const 1000) (i32.const 4)"), "given")))
        .isEqualTo("no-entry");
  }

  @ParameterizedTest
  @CsvSource({
    "READ, 0, 2, read-only",
    "READ, 1, 1, no-entry",
    "WRITE, 0, 1, access",
  })
  void whatIsNotGrantedOfADirectoryIsRefused(
      DirectoryMode mode, int absent, int flags, String error) {
    var open =
        "(drop (call $open (i32.const 1000) (i32.const %d) (i32.const 0) (i32.const %d)))"
            .formatted(5 - absent, flags);

    assertThat(error(commands.run(mode, open, "given"))).isEqualTo(error);
  }

  @Test
  void aDirectoryThatIsOnlyWrittenIsNotListed() {
    var list = "(call $read-directory (global.get $root) (i32.const 512)) (call $must4)";

    assertThat(error(commands.run(DirectoryMode.WRITE, list))).isEqualTo("access");
  }

  /** A file that was opened to be read is not written, by itself and by a stream. */
  @ParameterizedTest
  @CsvSource({
    "1, '(call $pwrite (local.get $h) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 512))"
        + " (call $must8)'",
    "1, '(call $write-via-stream (local.get $h) (i64.const 0) (i32.const 512)) (call $must4)'",
    "1, '(call $append-via-stream (local.get $h) (i32.const 512)) (call $must4)'",
    "1, '(call $set-size (local.get $h) (i64.const 0) (i32.const 512)) (call $must)'",
    "2, '(call $pread (local.get $h) (i64.const 1) (i64.const 0) (i32.const 512)) (call $must4)'",
    "2, '(call $read-via-stream (local.get $h) (i64.const 0) (i32.const 512)) (call $must4)'",
  })
  void aFileIsUsedAsItWasOpened(int flags, String use) {
    var open =
        "(local.set $h (call $open %s (i32.const 0) (i32.const %d)))".formatted(GIVEN, flags);

    assertThat(error(commands.run(open + use, "given"))).isEqualTo("bad-descriptor");
  }

  @Test
  void theArchiveThatAComponentCarriesIsADirectory() throws IOException {
    var archive = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(archive)) {
      zip.putNextEntry(new ZipEntry("dir/file"));
      zip.write("packed".getBytes(StandardCharsets.UTF_8));
    }
    var component =
        FileComponents.command(
            """
            (local.set $h (call $open (i32.const 1000) (i32.const 8) (i32.const 0) (i32.const 1)))
            (call $pread (local.get $h) (i64.const 99) (i64.const 0) (i32.const 512))
            (call $say-answer)
            """,
            "dir/file");
    var directory = new GrantedDirectory("/lib", DirectoryMode.READ, DirectorySource.CONTENT, null);

    var carrying =
        commands.run(directory, LIMITS, ModuleContent.put(component, archive.toByteArray()));
    var broken = commands.run(directory, LIMITS, ModuleContent.put(component, new byte[100]));

    assertThat(output(carrying)).isEqualTo("packed");
    assertThat(broken).isInstanceOf(Trapped.class);
  }

  @Test
  void everyErrorOfFilesHasACode() {
    var codes = Arrays.stream(FileError.values()).map(error -> FileErrorCode.of(error.errno()));

    assertThat(codes)
        .extracting(FileErrorCode::text)
        .containsExactly(
            "access",
            "bad-descriptor",
            "exist",
            "file-too-large",
            "illegal-byte-sequence",
            "invalid",
            "is-directory",
            "quota",
            "name-too-long",
            "no-entry",
            "insufficient-space",
            "not-directory",
            "not-empty",
            "unsupported",
            "not-permitted",
            "read-only",
            "cross-device");
    for (var code : FileErrorCode.values()) {
      assertThat(FileErrorCode.of(code.errno())).isEqualTo(code);
    }
    assertThat(FileErrorCode.of(57)).isEqualTo(FileErrorCode.IO);
  }
}
