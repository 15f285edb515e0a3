package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.YamlNode.Entries;
import org.wasmbroker.grant.YamlNode.Items;
import org.wasmbroker.grant.YamlNode.Nothing;
import org.wasmbroker.grant.YamlNode.Value;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.SafeText;

/**
 * A map of the policy whose keys are taken one by one; those that nobody takes are unknown. What is
 * wrong becomes a problem, and what is asked for is as if it were not there.
 */
final class Section {
  private final Map<String, YamlNode> entries;
  private final int line;
  private final String place;
  private final Problems problems;
  private final Set<String> taken = new LinkedHashSet<>();

  private Section(Map<String, YamlNode> entries, int line, String place, Problems problems) {
    this.entries = entries;
    this.line = line;
    this.place = place;
    this.problems = problems;
  }

  /** A map; anything else is a problem and as good as an empty one. */
  static Section of(YamlNode node, String place, Problems problems) {
    if (node instanceof Entries(var map, int line)) {
      return new Section(map, line, place, problems);
    }
    if (!(node instanceof Nothing)) {
      problems.add(node.line(), place, "must be keys with values");
    }
    return new Section(Map.of(), node.line(), place, problems);
  }

  int line() {
    return line;
  }

  String place() {
    return place;
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  String placeOf(String key) {
    return place.isEmpty() ? key : place + "." + key;
  }

  private @Nullable YamlNode take(String key) {
    taken.add(key);
    return entries.get(key);
  }

  /** The value of a key, made into something by a function that refuses what is none. */
  <T> @Nullable T value(String key, Function<String, T> make) {
    var node = take(key);
    return node == null ? null : made(node, placeOf(key), make);
  }

  /** The values of a list; one value stands for a list of one. */
  <T> List<T> values(String key, Function<String, T> make) {
    return items(key, (node, itemPlace) -> Optional.ofNullable(made(node, itemPlace, make)));
  }

  /** The nodes of a list; a single node stands for a list of one. */
  <T> List<T> items(String key, ItemReader<T> reader) {
    return switch (take(key)) {
      case null -> List.of();
      case Nothing _ -> List.of();
      case Items(var list, int _) -> {
        var read = new ArrayList<T>();
        for (int i = 0; i < list.size(); i++) {
          reader.read(list.get(i), placeOf(key) + "[" + i + "]").ifPresent(read::add);
        }
        yield List.copyOf(read);
      }
      case YamlNode one -> reader.read(one, placeOf(key)).map(List::of).orElse(List.of());
    };
  }

  /** The map of a key; an empty one where there is none. */
  Section section(String key) {
    var node = take(key);
    return of(node == null ? new Nothing(line) : node, placeOf(key), problems);
  }

  /** The keys of a map that has names of the operator's. */
  Map<String, YamlNode> all() {
    taken.addAll(entries.keySet());
    return new LinkedHashMap<>(entries);
  }

  <T> @Nullable T made(YamlNode node, String at, Function<String, T> make) {
    if (!(node instanceof Value(var text, int textLine))) {
      problems.add(
          node.line(),
          at,
          node instanceof Nothing ? "has no value" : "takes one value, not a list or keys");
      return null;
    }
    try {
      return make.apply(text);
    } catch (IllegalArgumentException wrong) {
      problems.add(textLine, at, String.valueOf(wrong.getMessage()));
      return null;
    }
  }

  void problem(String message) {
    problems.add(line, place, message);
  }

  void problem(String key, String message) {
    var node = entries.get(key);
    problems.add(node == null ? line : node.line(), placeOf(key), message);
  }

  /** Tells of every key that nobody took. */
  void end() {
    for (var entry : entries.entrySet()) {
      if (!taken.contains(entry.getKey())) {
        var near =
            NearestName.of(entry.getKey(), taken)
                .map(name -> "; did you mean '" + name + "'?")
                .orElse("; there is " + String.join(", ", taken));
        problems.add(
            entry.getValue().line(),
            placeOf(SafeText.sanitize(entry.getKey(), 60)),
            "is unknown" + near);
      }
    }
  }

  interface ItemReader<T> {
    Optional<T> read(YamlNode node, String place);
  }
}
