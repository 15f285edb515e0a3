package org.wasmbroker.ui;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The headers that every response has, also one that refuses a request. A worker has the policy of
 * the response that its own script came with, so the script of the workers has one of its own,
 * which lets it reach nothing.
 */
final class ContentPolicy {
  private static final String POLICY =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src"
          + " 'self'; connect-src %s; img-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";
  private static final String OF_PAGES = POLICY.formatted("'self'");
  private static final String OF_WORKERS = POLICY.formatted("'none'");

  private ContentPolicy() {}

  /**
   * The headers by name.
   *
   * @param path of the request, whatever it is
   */
  static SequencedMap<String, String> headers(String path) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Security-Policy", path.equals(Playground.WORKER) ? OF_WORKERS : OF_PAGES);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Embedder-Policy", "require-corp");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    return headers;
  }
}
