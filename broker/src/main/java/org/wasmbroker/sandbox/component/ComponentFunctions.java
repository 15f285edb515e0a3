package org.wasmbroker.sandbox.component;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.ComponentFunction.Body;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;

/** Every function that components may import, over the table of host functions. Immutable. */
public final class ComponentFunctions {
  private final Map<String, ComponentFunction> byName = new LinkedHashMap<>();
  private final Map<String, Entry> entries;
  private final Droppers droppers = new Droppers();

  public ComponentFunctions(HostFunctionTable table) {
    this.entries =
        table.entries().stream()
            .collect(Collectors.toMap(entry -> entry.function().name(), Function.identity()));
    if (HandlerInterfaces.isIn(entries.keySet())) {
      HandlerInterfaces.define(this);
      OutgoingHttp.define(this);
    }
    Cli.define(this);
    Streams.define(this);
    Clocks.define(this);
    Filesystem.define(this);
    Random.define(this);
  }

  /** A function of the table. */
  Entry entry(String name) {
    var entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("there is no host function " + name);
    }
    return entry;
  }

  void define(String instance, String name, String type, Body body, String... needs) {
    byName.put(
        instance + "#" + name, new ComponentFunction(instance, name, type, Set.of(needs), body));
  }

  /** What happens when a guest gives a handle of that resource back. */
  Droppers droppers() {
    return droppers;
  }

  @Nullable ComponentFunction find(String instance, String name) {
    return byName.get(instance + "#" + name);
  }

  List<ComponentFunction> all() {
    return List.copyOf(byName.values());
  }

  /** The names of the interfaces, without versions. */
  Stream<String> instances() {
    return byName.values().stream().map(ComponentFunction::instance).distinct();
  }
}
