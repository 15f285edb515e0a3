package org.wasmbroker.protocol.tasker;

/**
 * Where the module that a step's attempts run is found in Tasker's tables: in the result of its
 * last attempt, which stays with the step until the next one ends.
 */
public final class RanModule {
  /**
   * The text of a {@link org.wasmbroker.step.ModulePin}, or null, of a row {@code step} of {@code
   * workflow_steps}, whatever its results are.
   */
  public static final String SQL =
      """
      coalesce(
        (step.results #>> '{metadata,custom,receipt,handler}') || '@'
          || (step.results #>> '{metadata,custom,receipt,version}') || ' '
          || (step.results #>> '{metadata,custom,receipt,digest}'),
        step.results #>> '{metadata,custom,module}')\
      """;

  private RanModule() {}
}
