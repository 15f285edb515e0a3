package org.wasmbroker.protocol.tasker;

/**
 * What every connection to Tasker's database begins with, whatever its role or its defaults are.
 */
public final class TaskerSession {
  /**
   * Tasker's functions and its audit trigger name tables without a schema, and its timestamps have
   * no zone and mean UTC.
   */
  public static final String SQL = "set search_path to tasker, public; set time zone 'UTC'";

  private TaskerSession() {}
}
