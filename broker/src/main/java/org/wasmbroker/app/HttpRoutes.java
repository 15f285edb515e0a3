package org.wasmbroker.app;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.SqlFailure;

/** Routes requests to pages, and handles unknown paths, other methods and failures. */
final class HttpRoutes {
  static final String METHODS = "GET, HEAD";

  private static final Logger log = LoggerFactory.getLogger(HttpRoutes.class);

  private final Pages pages;

  HttpRoutes(Pages pages) {
    this.pages = pages;
  }

  Response respond(String method, @Nullable String path, @Nullable String accept)
      throws InterruptedException {
    try {
      var requested = path == null ? "" : path;
      return switch (method) {
        case "GET", "HEAD" -> orNotFound(pages.get(requested, accept));
        case "POST" -> {
          var response = pages.post(requested);
          yield response == null ? methodNotAllowed() : response;
        }
        default -> methodNotAllowed();
      };
    } catch (SqlFailure failure) {
      return Response.error(503, "service_unavailable", String.valueOf(failure.getMessage()));
    } catch (RuntimeException cause) {
      log.error("an HTTP request failed", cause);
      return Response.error(500, "internal_error", "see the broker's log");
    }
  }

  private Response orNotFound(@Nullable Response response) {
    return response == null ? Response.error(404, "not_found", pages.usage()) : response;
  }

  private static Response methodNotAllowed() {
    return Response.error(405, "method_not_allowed", "only GET and HEAD are supported here");
  }
}
