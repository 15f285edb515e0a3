package org.wasmbroker.grant;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.YamlNode.Entries;
import org.wasmbroker.grant.YamlNode.Items;
import org.wasmbroker.grant.YamlNode.Nothing;
import org.wasmbroker.grant.YamlNode.Value;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads one YAML document into nodes. What YAML offers beyond maps, lists and values is refused:
 * aliases, merge keys, several documents, keys that stand twice.
 */
final class YamlDocument {
  static final int MOST_BYTES = 1 << 20;

  private static final int DEEPEST = 20;
  private static final YAMLMapper YAML = new YAMLMapper();

  private final YAMLParser yaml;

  private YamlDocument(YAMLParser yaml) {
    this.yaml = yaml;
  }

  /** What makes reading go no further. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient PolicyProblem problem;

    Unreadable(int line, String message) {
      this.problem = new PolicyProblem(line, "", message);
    }
  }

  /**
   * The document; {@link Nothing} for an empty one, and null with a problem for what cannot be
   * read.
   */
  static @Nullable YamlNode read(byte[] bytes, Problems problems) {
    if (bytes.length > MOST_BYTES) {
      problems.add(0, "", "has %d bytes, at most are %d".formatted(bytes.length, MOST_BYTES));
      return null;
    }
    try (var parser = (YAMLParser) YAML.createParser(text(bytes))) {
      return new YamlDocument(parser).document();
    } catch (Unreadable found) {
      problems.add(found.problem);
    } catch (CharacterCodingException notText) {
      problems.add(0, "", "is not UTF-8");
    } catch (JacksonException cause) {
      var at = cause.getLocation();
      problems.add(
          at == null ? 0 : Math.max(0, at.getLineNr()),
          "",
          "is not YAML: " + SafeText.sanitize(String.valueOf(cause.getOriginalMessage()), 300));
    } catch (RuntimeException surprise) {
      // The parser is not ours, and nothing in a file may reach further than its problems.
      problems.add(0, "", "is not YAML: " + SafeText.sanitize(String.valueOf(surprise), 300));
    }
    return null;
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private YamlNode document() {
    var first = yaml.nextToken();
    if (first == null) {
      return new Nothing(1);
    }
    var root = node(first, 0);
    if (yaml.nextToken() != null) {
      throw new Unreadable(line(), "has a second document; a policy is one");
    }
    return root;
  }

  private YamlNode node(JsonToken token, int depth) {
    if (depth > DEEPEST) {
      throw new Unreadable(line(), "is nested deeper than " + DEEPEST + " levels");
    }
    if (yaml.isCurrentAlias()) {
      throw new Unreadable(line(), "has an alias; write the value again");
    }
    int line = line();
    return switch (token) {
      case START_OBJECT -> entries(line, depth);
      case START_ARRAY -> items(line, depth);
      case VALUE_NULL -> new Nothing(line);
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
          new Value(yaml.getString(), line);
      default -> throw new Unreadable(line, "has a value of an unknown kind");
    };
  }

  private YamlNode entries(int line, int depth) {
    var map = new LinkedHashMap<String, YamlNode>();
    for (var token = yaml.nextToken(); token != JsonToken.END_OBJECT; token = yaml.nextToken()) {
      if (token != JsonToken.PROPERTY_NAME) {
        throw new Unreadable(line(), "is not complete");
      }
      var key = yaml.currentName();
      int keyLine = line();
      var value = node(next(), depth + 1);
      if (map.putIfAbsent(key, value) != null) {
        throw new Unreadable(keyLine, "has the key '" + SafeText.sanitize(key, 60) + "' twice");
      }
    }
    return new Entries(map, line);
  }

  private YamlNode items(int line, int depth) {
    var list = new ArrayList<YamlNode>();
    for (var token = next(); token != JsonToken.END_ARRAY; token = next()) {
      list.add(node(token, depth + 1));
    }
    return new Items(list, line);
  }

  private JsonToken next() {
    var token = yaml.nextToken();
    if (token == null) {
      throw new Unreadable(line(), "is not complete");
    }
    return token;
  }

  private int line() {
    return Math.max(0, yaml.currentTokenLocation().getLineNr());
  }
}
