package org.wasmbroker.app;

/** The protocols that a broker supports. */
public enum ProtocolName {
  /** Self-contained messages on a queue. */
  STANDALONE,
  /** Tasker's tables and queues; the broker is one of Tasker's workers. */
  TASKER
}
