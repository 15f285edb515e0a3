package org.wasmbroker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads a YAML file (or JSON, which is YAML) into keys and values, each with its line. Nested maps
 * and dotted keys mean the same.
 */
final class ConfigFile {
  private final Path file;
  private final Set<String> lists;
  private final List<Problem> problems;
  private final Map<String, RawValue> found = new LinkedHashMap<>();
  private final Deque<String> path = new ArrayDeque<>();

  private ConfigFile(Path file, Set<String> lists, List<Problem> problems) {
    this.file = file;
    this.lists = lists;
    this.problems = problems;
  }

  /**
   * What the file has; what is wrong with it is added to the problems.
   *
   * @param lists the keys that take several values, which may be written as a list
   */
  static Map<String, RawValue> read(Path file, Set<String> lists, List<Problem> problems) {
    var reading = new ConfigFile(file, lists, problems);
    try {
      reading.parse(Files.readString(file));
    } catch (NoSuchFileException noFile) {
      problems.add(new Problem(file.toString(), "", "there is no such file"));
    } catch (IOException cause) {
      problems.add(new Problem(file.toString(), "", "cannot be read: " + cause.getMessage()));
    } catch (JacksonException cause) {
      problems.add(new Problem(reading.at(cause), "", "is not YAML: " + reason(cause)));
    }
    return reading.found;
  }

  private void parse(String text) {
    try (var yaml = new YAMLMapper().createParser(text)) {
      for (var token = yaml.nextToken(); token != null; token = yaml.nextToken()) {
        accept(token, yaml);
      }
    }
  }

  private void accept(JsonToken token, JsonParser yaml) {
    switch (token) {
      case PROPERTY_NAME -> path.addLast(yaml.currentName());
      case START_OBJECT -> {}
      case END_OBJECT -> path.pollLast();
      case START_ARRAY -> {
        if (lists.contains(key())) {
          list(yaml);
        } else {
          problem(yaml, "takes one value, not a list");
          yaml.skipChildren();
        }
        path.pollLast();
      }
      case VALUE_NULL -> {
        if (!path.isEmpty()) {
          problem(yaml, "has no value");
          path.pollLast();
        }
      }
      default -> value(yaml);
    }
  }

  private void value(JsonParser yaml) {
    if (path.isEmpty()) {
      problems.add(new Problem(line(yaml), "", "a configuration is made of keys with values"));
      return;
    }
    if (isAlias(yaml)) {
      problem(yaml, "takes a value, not an alias");
    } else {
      put(yaml.getString(), line(yaml), yaml);
    }
    path.pollLast();
  }

  /** A list of values is the same as its values with commas between them. */
  private void list(JsonParser yaml) {
    var line = line(yaml);
    var values = new StringJoiner(",");
    for (var token = yaml.nextToken(); token != JsonToken.END_ARRAY; token = yaml.nextToken()) {
      if (token.isScalarValue() && !isAlias(yaml)) {
        values.add(yaml.getString());
      } else {
        problem(yaml, "takes a list of single values");
        yaml.skipChildren();
      }
    }
    put(values.toString(), line, yaml);
  }

  private static boolean isAlias(JsonParser yaml) {
    return yaml instanceof YAMLParser parser && parser.isCurrentAlias();
  }

  private void put(String value, String line, JsonParser yaml) {
    var earlier = found.put(key(), new RawValue(value, line));
    if (earlier != null) {
      problem(yaml, "was given before, in " + earlier.origin());
    }
  }

  private void problem(JsonParser yaml, String message) {
    problems.add(new Problem(key(), line(yaml), message));
  }

  private String key() {
    return SettingTypes.printable(String.join(".", path));
  }

  private String line(JsonParser yaml) {
    return file + ":" + yaml.currentTokenLocation().getLineNr();
  }

  private String at(JacksonException cause) {
    var location = cause.getLocation();
    return location == null ? file.toString() : file + ":" + location.getLineNr();
  }

  private static String reason(JacksonException cause) {
    return SettingTypes.printable(cause.getOriginalMessage());
  }
}
