package org.wasmbroker.mcp;

import java.util.Set;

/** The methods that are served. */
final class McpMethod {
  private static final Set<String> BOTH =
      Set.of(
          "tools/list",
          "tools/call",
          "resources/list",
          "resources/templates/list",
          "resources/read");
  private static final Set<String> SESSION = Set.of("initialize", "ping", "logging/setLevel");
  private static final Set<String> STATELESS = Set.of("server/discover", "subscriptions/listen");

  private McpMethod() {}

  /** Whether it needs a session that is initialized. */
  static boolean isOfSession(String method) {
    return BOTH.contains(method) || SESSION.contains(method);
  }

  /** Whether its result may be kept by the client for some time. */
  static boolean isCacheable(String method) {
    return (BOTH.contains(method) && !method.equals("tools/call"))
        || method.equals("server/discover");
  }

  /** The method, or {@code other} if it is none of ours: for metrics. */
  static String known(String method) {
    return BOTH.contains(method) || SESSION.contains(method) || STATELESS.contains(method)
        ? method
        : "other";
  }
}
