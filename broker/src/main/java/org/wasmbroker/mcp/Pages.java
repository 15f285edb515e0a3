package org.wasmbroker.mcp;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists in pages. A cursor names the last entry that the client has, so that a list may change
 * between two pages.
 */
record Pages(int size) {
  private static final String MARK = "after:";

  /**
   * Puts a page into the result.
   *
   * @param name of the list
   * @throws RpcException if the cursor is none of ours
   */
  void put(
      ObjectNode result,
      String name,
      NavigableMap<String, ? extends ObjectNode> all,
      ObjectNode params) {
    var after = after(params);
    var rest = after == null ? all : all.tailMap(after, false);
    var page = result.putArray(name);
    @Nullable String last = null;
    for (var entry : rest.entrySet()) {
      if (page.size() == size) {
        result.put("nextCursor", cursor(String.valueOf(last)));
        return;
      }
      page.add(entry.getValue());
      last = entry.getKey();
    }
  }

  private static String cursor(String last) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((MARK + last).getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable String after(ObjectNode params) {
    if (!params.hasNonNull("cursor")) {
      return null;
    }
    try {
      var text =
          new String(
              Base64.getUrlDecoder().decode(params.get("cursor").asString("")),
              StandardCharsets.UTF_8);
      if (params.get("cursor").isString() && text.startsWith(MARK)) {
        return text.substring(MARK.length());
      }
    } catch (IllegalArgumentException noBase64) {
      // as any other text that is no cursor
    }
    throw new RpcException(RpcException.INVALID_PARAMS, "the cursor is not one of this server");
  }
}
