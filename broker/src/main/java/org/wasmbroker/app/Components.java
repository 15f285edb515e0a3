package org.wasmbroker.app;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process is composed of, closed in the reverse order of its addition. Thread-safe. */
final class Components implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Components.class);

  /** Something to close, with its name in the log. */
  private record Component(String name, AutoCloseable resource) {}

  private final Deque<Component> components = new ArrayDeque<>(); // guarded by this

  synchronized <T extends AutoCloseable> T add(String name, T component) {
    components.push(new Component(name, component));
    return component;
  }

  /** Closes all of them, whatever happens; later calls do nothing. */
  @Override
  public synchronized void close() {
    while (!components.isEmpty()) {
      var component = components.pop();
      try {
        component.resource().close();
      } catch (Exception failure) {
        log.atError()
            .addKeyValue("component", component.name())
            .setCause(failure)
            .log("a component failed to close");
      }
    }
  }
}
