package org.wasmbroker.app;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.SqlFailure;

/** Finds the page for a request, and answers where there is none. */
final class HttpRoutes {
  static final String METHODS = "GET, HEAD";

  private static final Logger LOG = LoggerFactory.getLogger(HttpRoutes.class);

  private final Pages pages;

  HttpRoutes(Pages pages) {
    this.pages = pages;
  }

  Answer answer(String method, @Nullable String path, @Nullable String accept)
      throws InterruptedException {
    try {
      var asked = path == null ? "" : path;
      return switch (method) {
        case "GET", "HEAD" -> found(pages.get(asked, accept));
        case "POST" -> {
          var answer = pages.post(asked);
          yield answer == null ? notAllowed() : answer;
        }
        default -> notAllowed();
      };
    } catch (SqlFailure failure) {
      return Answer.error(503, "service_unavailable", String.valueOf(failure.getMessage()));
    } catch (RuntimeException cause) {
      LOG.error("an HTTP request could not be answered", cause);
      return Answer.error(500, "internal_error", "the broker's log says why");
    }
  }

  private Answer found(@Nullable Answer answer) {
    return answer == null ? Answer.error(404, "not_found", pages.directions()) : answer;
  }

  private static Answer notAllowed() {
    return Answer.error(405, "method_not_allowed", "only GET and HEAD are answered here");
  }
}
