package org.wasmbroker.grant;

import java.util.List;
import java.util.Map;

/** A part of a YAML document that knows its line. */
sealed interface YamlNode {
  int line();

  /** A scalar as it was written, whatever YAML takes it for. */
  record Value(String text, int line) implements YamlNode {}

  record Items(List<YamlNode> list, int line) implements YamlNode {}

  record Entries(Map<String, YamlNode> map, int line) implements YamlNode {}

  /** A key without a value. */
  record Nothing(int line) implements YamlNode {}
}
