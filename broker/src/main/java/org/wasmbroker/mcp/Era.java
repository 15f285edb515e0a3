package org.wasmbroker.mcp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The two forms that the protocol has had. */
enum Era {
  /** A client says {@code initialize} first, and what was agreed on holds for its session. */
  SESSION,
  /** Each request stands alone, and says itself which version it is of. */
  STATELESS;

  /** The newest first. */
  static final List<String> SESSION_VERSIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26");

  static final List<String> STATELESS_VERSIONS = List.of("2026-07-28");

  private static final String META = "_meta";
  private static final String PREFIX = "io.modelcontextprotocol/";
  static final String VERSION_KEY = PREFIX + "protocolVersion";
  static final String CAPABILITIES_KEY = PREFIX + "clientCapabilities";
  static final String LOG_LEVEL_KEY = PREFIX + "logLevel";
  static final String SERVER_KEY = PREFIX + "serverInfo";
  static final String SUBSCRIPTION_KEY = PREFIX + "subscriptionId";

  /**
   * That of a request, as its content tells.
   *
   * @param announced the version that a header names, or null
   */
  static Era of(Message.Request request, @Nullable String announced) {
    boolean says = request.params().path(META).has(VERSION_KEY);
    boolean only =
        request.method().equals("server/discover")
            || request.method().equals("subscriptions/listen");
    return says || only || (announced != null && STATELESS_VERSIONS.contains(announced))
        ? STATELESS
        : SESSION;
  }

  /**
   * Checks what each request of the era without sessions has to say.
   *
   * @throws RpcException if it does not, or is of a version that is not served
   */
  static void requireMeta(ObjectNode params) {
    if (!(params.get(META) instanceof ObjectNode meta)
        || !meta.has(VERSION_KEY)
        || !meta.path(CAPABILITIES_KEY).isObject()) {
      throw new RpcException(
          RpcException.INVALID_PARAMS,
          "params._meta must have " + VERSION_KEY + " and the object " + CAPABILITIES_KEY);
    }
    if (!meta.get(VERSION_KEY).isString()) {
      throw new RpcException(RpcException.INVALID_PARAMS, VERSION_KEY + " must be a string");
    }
    var version = meta.get(VERSION_KEY).stringValue();
    if (!STATELESS_VERSIONS.contains(version)) {
      throw unsupported(version);
    }
  }

  static RpcException unsupported(String version) {
    var data = JsonRpc.NODES.objectNode();
    STATELESS_VERSIONS.forEach(data.putArray("supported")::add);
    data.put("requested", version);
    return new RpcException(
        RpcException.UNSUPPORTED_VERSION,
        "unsupported protocol version; with initialize: " + String.join(", ", SESSION_VERSIONS),
        data);
  }
}
