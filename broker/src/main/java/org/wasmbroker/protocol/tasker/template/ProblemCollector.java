package org.wasmbroker.protocol.tasker.template;

/** Collects what is wrong with a template, and says how exact the reading is. */
interface ProblemCollector {
  /** Whether members that nobody knows and values out of their range are wrong. */
  boolean strict();

  /**
   * @param what a half sentence that follows the place, such as {@code is missing}
   */
  void add(JsonPointer place, String what);
}
