package org.wasmbroker.pgmq;

/** Whether the connections to a database are sessions of its server. */
public enum Pooling {
  /** Each connection leads to a server process of its own. */
  NONE,
  /** There is a pooler in between, which keeps a server process for each connection. */
  SESSIONS_KEPT,
  /**
   * There is a pooler in between, in transaction or statement mode: the statements of one
   * connection may run in several sessions, and those of several connections in one. Session
   * settings, prepared statements and LISTEN do not work.
   */
  SESSIONS_SHARED
}
