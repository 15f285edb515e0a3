package org.wasmbroker.mcp;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.plan.catalog.ToolFormat;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tools that are offered: the newest version of each handler that the policy lets run. Looked
 * up anew by {@link #refresh}, and those who listen are told when that changed something.
 * Thread-safe.
 */
public final class ToolCatalog {
  private final Supplier<List<HandlerEntry>> handlers;
  private final Pattern offered;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile NavigableMap<String, Tool> tools = new TreeMap<>();

  /**
   * A tool.
   *
   * @param definition as {@code tools/list} has it
   */
  record Tool(HandlerEntry entry, ObjectNode definition) {
    /** Whether the handler's configuration has a member of this name itself. */
    boolean hasOwn(String name) {
      return ToolFormat.configuration(entry).path("properties").has(name);
    }
  }

  /**
   * @param names of the handlers that are offered; {@code *} stands for any characters
   * @param handlers lists the installed ones
   */
  public ToolCatalog(List<String> names, Supplier<List<HandlerEntry>> handlers) {
    this.handlers = handlers;
    this.offered =
        Pattern.compile(
            names.stream()
                .map(
                    name ->
                        Pattern.compile("\\*")
                            .splitAsStream(name + " ")
                            .map(part -> Pattern.quote(part.strip()))
                            .collect(Collectors.joining(".*")))
                .collect(Collectors.joining("|")));
  }

  /** Lists the handlers again. */
  public void refresh() {
    var found = new TreeMap<String, Tool>();
    for (var entry : handlers.get()) {
      if (entry.isTrusted() && offered.matcher(entry.name()).matches()) {
        var definition = ToolFormat.mcp(List.of(entry)).document().path("tools").path(0);
        if (definition instanceof ObjectNode tool) {
          found.put(entry.name(), new Tool(entry, tool));
        }
      }
    }
    var before = tools;
    tools = found;
    if (!definitions(before).equals(definitions(found))) {
      listeners.forEach(Runnable::run);
    }
  }

  private static List<ObjectNode> definitions(NavigableMap<String, Tool> tools) {
    return tools.values().stream().map(Tool::definition).toList();
  }

  /** By name; not to be written to. */
  NavigableMap<String, Tool> tools() {
    return tools;
  }

  /** Calls it after each change, until the result is run. */
  Runnable onChange(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
