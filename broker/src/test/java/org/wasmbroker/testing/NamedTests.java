package org.wasmbroker.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tests that a document names, such as {@code `DispatcherTest.aLostLease…`}. */
public final class NamedTests {
  private static final Path TESTS = Path.of("src", "test", "java");
  private static final Path DEPLOYMENT = Path.of("..", "deploy");
  private static final Path PAGES = Path.of("..", "web", "test");
  private static final Pattern PYTHON_CLASS = Pattern.compile("(?m)^class (\\w+Test)\\(");
  private static final Pattern REFERENCE =
      Pattern.compile("`([A-Z]\\w*(?:Test|IT|E2E|Contract))(?:\\.(\\w+))?`");

  private NamedTests() {}

  public static boolean areIn(String text) {
    return REFERENCE.matcher(text).find();
  }

  /** Checks that each of them exists. */
  public static void assertExist(String text) throws IOException {
    var sources = sources();
    var named = REFERENCE.matcher(text).results().toList();
    assertThat(named).isNotEmpty().allSatisfy(test -> assertExists(test, sources));
  }

  private static void assertExists(MatchResult test, Map<String, String> sources) {
    var source = sources.get(test.group(1));
    assertThat(source).as(test.group()).isNotNull();
    if (test.group(2) != null) {
      var declaration =
          Pattern.compile("((void|def) %1$s\\()|(test\\('%1$s',)".formatted(test.group(2)));
      assertThat(source).as(test.group()).containsPattern(declaration);
    }
  }

  /** The text of every test class by its name. */
  private static Map<String, String> sources() throws IOException {
    try (var files = Files.walk(TESTS)) {
      var sources =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !file.endsWith("package-info.java"))
              .collect(
                  Collectors.toMap(
                      file -> file.getFileName().toString().replace(".java", ""),
                      NamedTests::read,
                      (one, other) -> one + other));
      inOtherLanguages().forEach((name, text) -> sources.merge(name, text, String::concat));
      return sources;
    }
  }

  /**
   * The classes of the tests in {@code deploy/}, which are Python, and the names of the files of
   * those in {@code web/}, which are JavaScript, with the text of their files.
   */
  public static Map<String, String> inOtherLanguages() throws IOException {
    try (var files = Files.walk(DEPLOYMENT)) {
      var classes = new HashMap<String, String>(ofPages());
      files
          .filter(file -> file.getFileName().toString().matches("test_\\w+\\.py"))
          .map(NamedTests::read)
          .forEach(
              text ->
                  PYTHON_CLASS
                      .matcher(text)
                      .results()
                      .forEach(found -> classes.merge(found.group(1), text, String::concat)));
      return classes;
    }
  }

  private static Map<String, String> ofPages() throws IOException {
    try (var files = Files.list(PAGES)) {
      return files
          .filter(file -> file.toString().endsWith("Test.mjs"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".mjs", ""), NamedTests::read));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
