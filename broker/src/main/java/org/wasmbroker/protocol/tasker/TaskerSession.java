package org.wasmbroker.protocol.tasker;

/**
 * What every connection to Tasker's database begins with, whatever its role or its defaults are.
 */
public final class TaskerSession {
  /**
   * Tasker's functions and its audit trigger name tables without a schema, and its timestamps have
   * no zone and mean UTC. Statements are planned once for a connection, and never compiled: they
   * are long, planning one takes longer than running it for a single step, and no other plan would
   * be better for other parameters.
   */
  public static final String SQL =
      """
      set search_path to tasker, public; set time zone 'UTC';
      set plan_cache_mode = force_generic_plan; set jit = off""";

  private TaskerSession() {}
}
