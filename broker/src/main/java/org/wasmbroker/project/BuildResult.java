package org.wasmbroker.project;

import java.time.Duration;

/** How the build of a project ended. */
public sealed interface BuildResult {
  /** The module is newer than every file of the project, or there is nothing to build. */
  record UpToDate() implements BuildResult {}

  record Built(Duration took) implements BuildResult {}

  /**
   * @param problem what went wrong, and what to do
   */
  record Failed(String problem) implements BuildResult {}

  /**
   * A command that the build needs is not installed.
   *
   * @param problem which one, and how to install it
   */
  record ToolMissing(String problem) implements BuildResult {}

  /** The build was stopped before its end. */
  record Stopped() implements BuildResult {}
}
