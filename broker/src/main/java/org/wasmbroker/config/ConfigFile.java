package org.wasmbroker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;

/**
 * Reads a YAML or JSON file into keys and values, each with its location. Nested maps and dotted
 * keys are equivalent.
 */
final class ConfigFile {
  private static final int MAX_BYTES = 1 << 20;
  private static final DocumentReader YAML =
      new DocumentReader(Syntax.YAML, MAX_BYTES, 20).withScalarsAsText();

  private final Set<String> lists;
  private final List<Problem> problems;
  private final Map<String, RawValue> found = new LinkedHashMap<>();

  private ConfigFile(Set<String> lists, List<Problem> problems) {
    this.lists = lists;
    this.problems = problems;
  }

  /**
   * The settings in the file; problems are collected.
   *
   * @param lists the keys that accept several values, which may be written as a list
   */
  static Map<String, RawValue> read(Path file, Set<String> lists, List<Problem> problems) {
    var reader = new ConfigFile(lists, problems);
    try (var stream = Files.newInputStream(file)) {
      var document = YAML.read(file.toString(), stream.readNBytes(MAX_BYTES + 1));
      if (document.hasProblems()) {
        problems.addAll(document.problems());
      } else {
        reader.readRoot(document.value());
      }
    } catch (NoSuchFileException noFile) {
      problems.add(new Problem(Location.of(file.toString()), "", "no such file"));
    } catch (IOException cause) {
      problems.add(
          new Problem(Location.of(file.toString()), "", "cannot be read: " + cause.getMessage()));
    }
    return reader.found;
  }

  private void readRoot(DocumentValue root) {
    if (root.isText() || root.json().isArray()) {
      problems.add(new Problem(root.location(), "", "must be an object with settings"));
    } else {
      readMembers("", root);
    }
  }

  private void readMembers(String prefix, DocumentValue object) {
    object.object().entries().forEach((name, value) -> read(prefix + name, value));
  }

  private void read(String key, DocumentValue value) {
    if (value.json().isObject()) {
      readMembers(key + ".", value);
    } else if (value.json().isArray()) {
      readList(key, value);
    } else if (value.json().isNull()) {
      problem(key, value, "has no value");
    } else {
      put(key, value, value.json().stringValue());
    }
  }

  /** A list is equivalent to a comma-separated string. */
  private void readList(String key, DocumentValue list) {
    if (!lists.contains(key)) {
      problem(key, list, "must be a scalar, was a list");
      return;
    }
    var values = new StringJoiner(",");
    for (var element : list.elements()) {
      if (element.isText()) {
        values.add(element.json().stringValue());
      } else {
        problem(key, element, "must be a list of scalars");
      }
    }
    put(key, list, values.toString());
  }

  private void put(String key, DocumentValue value, String text) {
    var first = found.putIfAbsent(key, new RawValue(text, value.location()));
    if (first != null) {
      problem(key, value, "appears twice; first in " + first.origin());
    }
  }

  private void problem(String key, DocumentValue value, String message) {
    problems.add(new Problem(value.location(), SettingTypes.printable(key), message));
  }
}
