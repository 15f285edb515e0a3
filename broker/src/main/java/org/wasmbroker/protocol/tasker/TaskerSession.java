package org.wasmbroker.protocol.tasker;

/**
 * The settings that every connection to Tasker's database starts with, whatever the defaults of its
 * role are.
 */
public final class TaskerSession {
  /**
   * Tasker's functions and its audit trigger refer to tables without a schema, and its timestamps
   * are in UTC without a zone. Statements are planned once per connection and never JIT-compiled:
   * they are long, planning one takes longer than running it for a single step, and no other plan
   * would be better for other parameters. Tables are read by index wherever there is one: what is
   * planned while they are empty, the checks of Tasker's foreign keys and its audit trigger among
   * it, would read them as a whole ever after.
   */
  public static final String SQL =
      """
      set search_path to tasker, public; set time zone 'UTC';
      set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off\
      """;

  private TaskerSession() {}
}
