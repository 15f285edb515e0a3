package org.wasmbroker.sandbox.host;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a host function keeps for one run, such as open handles: created when it is first used,
 * closed when the run ends. A constant of the capability that uses it.
 */
public final class RunLocal<T> {
  private final Supplier<T> create;
  private final Consumer<T> close;

  public RunLocal(Supplier<T> create, Consumer<T> close) {
    this.create = create;
    this.close = close;
  }

  /** The value for the run. */
  public T get(RunState run) {
    return valueIn(run.locals());
  }

  @SuppressWarnings("unchecked") // only this class puts a value under its own key
  private T valueIn(Map<RunLocal<?>, Object> locals) {
    return (T) locals.computeIfAbsent(this, _ -> create.get());
  }

  void close(Map<RunLocal<?>, Object> locals) {
    close.accept(valueIn(locals));
  }
}
