package org.wasmbroker.telemetry.micrometer;

import java.util.Set;

/** The types of error that the broker itself gives; a handler's own types come beside them. */
final class BrokerErrors {
  static final Set<String> WORDS = Set.of("none", "limit_exceeded", "trap");

  private BrokerErrors() {}
}
