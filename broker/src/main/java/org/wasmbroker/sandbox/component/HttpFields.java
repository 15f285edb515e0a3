package org.wasmbroker.sandbox.component;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.wasmbroker.sandbox.HeaderSyntax;
import org.wasmbroker.sandbox.host.GuestStoppedException;

/**
 * The resource {@code fields} of {@code wasi:http}: names and values in their order. One that is
 * got from a request or a response is a view of the same fields, and cannot be changed. What they
 * hold is counted until nobody has them.
 */
final class HttpFields {
  /** More than any request or response has. */
  static final int MAX_FIELDS = 1_000;

  /** What one costs the host beside its characters. */
  private static final int OVERHEAD = 64;

  private final Shared shared;
  private final boolean mutable;

  private HttpFields(Shared shared, boolean mutable) {
    this.shared = shared;
    this.mutable = mutable;
  }

  /** A name as it was written, and one value. */
  static final class Field {
    private final String name;
    private final byte[] value;

    Field(String name, byte[] value) {
      this.name = name;
      this.value = value;
    }

    String name() {
      return name;
    }

    byte[] value() {
      return value;
    }

    private boolean isNamed(String other) {
      return name.equalsIgnoreCase(other);
    }

    private int cost() {
      return name.length() + value.length + OVERHEAD;
    }
  }

  private static final class Shared {
    private final List<Field> all = new ArrayList<>();
    private int cost;
    private int users = 1;
  }

  static HttpFields empty() {
    return new HttpFields(new Shared(), true);
  }

  /** Those of a response. */
  static HttpFields received(List<Field> fields, ComponentCall call) throws GuestStoppedException {
    var all = new HttpFields(new Shared(), false);
    for (var field : fields) {
      all.add(field, call);
    }
    return all;
  }

  /** The same fields, which cannot be changed by this. */
  HttpFields view() {
    shared.users++;
    return new HttpFields(shared, false);
  }

  HttpFields copy(ComponentCall call) throws GuestStoppedException {
    var copy = empty();
    for (var field : shared.all) {
      copy.add(field, call);
    }
    return copy;
  }

  boolean isMutable() {
    return mutable;
  }

  List<Field> all() {
    return shared.all;
  }

  List<byte[]> values(String name) {
    return shared.all.stream().filter(field -> field.isNamed(name)).map(Field::value).toList();
  }

  /** The values of each name as text, in the order of the names, each as it was written first. */
  Map<String, List<String>> byName(Predicate<String> wanted) {
    var byName = new LinkedHashMap<String, List<String>>();
    var written = new HashMap<String, String>();
    for (var field : shared.all) {
      if (wanted.test(field.name())) {
        var name =
            written.computeIfAbsent(field.name().toLowerCase(Locale.ROOT), _ -> field.name());
        byName
            .computeIfAbsent(name, _ -> new ArrayList<>())
            .add(new String(field.value(), StandardCharsets.ISO_8859_1));
      }
    }
    return byName;
  }

  void add(Field field, ComponentCall call) throws GuestStoppedException {
    if (shared.all.size() == MAX_FIELDS) {
      throw call.run().violated("it puts more than %d into fields".formatted(MAX_FIELDS));
    }
    HeldByHttp.of(call).add(field.cost(), call);
    shared.cost += field.cost();
    shared.all.add(field);
  }

  void remove(String name, ComponentCall call) {
    int before = shared.cost;
    for (var field : shared.all) {
      shared.cost -= field.isNamed(name) ? field.cost() : 0;
    }
    shared.all.removeIf(field -> field.isNamed(name));
    HeldByHttp.of(call).remove(before - shared.cost);
  }

  /** One of those who have them has them no more. */
  void release(ComponentCall call) {
    shared.users--;
    if (shared.users == 0) {
      HeldByHttp.of(call).remove(shared.cost);
      shared.cost = 0;
    }
  }

  /** Whether a guest may set it: the broker sets the others, but checks a content length. */
  static boolean isForbidden(String name) {
    return HeaderSyntax.isReserved(name) && !isContentLength(name);
  }

  static boolean isContentLength(String name) {
    return name.equalsIgnoreCase("content-length");
  }
}
