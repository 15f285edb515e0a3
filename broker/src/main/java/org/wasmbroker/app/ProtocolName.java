package org.wasmbroker.app;

/** Where steps come from. */
public enum ProtocolName {
  /** Self-contained messages on a queue. */
  STANDALONE,
  /** Tasker's tables and queues, as one of its workers. */
  TASKER
}
