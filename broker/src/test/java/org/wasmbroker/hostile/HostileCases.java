package org.wasmbroker.hostile;

import static org.wasmbroker.hostile.HostileCase.ending;
import static org.wasmbroker.hostile.HostileCase.endless;
import static org.wasmbroker.hostile.HostileCase.harmless;

import java.util.List;
import java.util.stream.Stream;
import org.wasmbroker.step.Document;

/** Every hostile guest with its expected end. */
final class HostileCases {
  private static final String LISTED = "listed.test";
  private static final String PUT = "\"method\":\"PUT\"";
  private static final String FORGED =
      "\"headers\":{\"x-a\":\"b\\r\\n\\r\\nGET /forged HTTP/1.1\"}";
  private static final String FRAMING = "\"headers\":{\"transfer-encoding\":\"chunked\"}";
  private static final String HOST = "\"headers\":{\"host\":\"inside.test\"}";
  private static final String SECRET = "\"headers\":{\"x-key\":\"{{secret:bound}}\"}";

  private HostileCases() {}

  static Stream<HostileCase> all() {
    return Stream.of(
            TIME,
            SPACE,
            OUTPUT,
            LOG,
            HOST_FUNCTIONS,
            OTHERS,
            WASI,
            MODULES,
            REQUESTS,
            RESPONSES,
            SECRETS)
        .flatMap(List::stream);
  }

  private static final List<HostileCase> TIME =
      List.of(
          endless("endless-loop"),
          endless("start-loop"),
          endless("initialize-loop"),
          endless("memory-thrash"),
          endless("stderr-flood"),
          endless("prepare-loop"),
          ending("prepare-trap", "trapped/unreachable", "in prepare: "),
          ending("start-trap", "trapped/unreachable", "unreachable"),
          ending("recursion", "trapped/stack_overflow", "stack"),
          ending("recursion-in-host-calls", "trapped/stack_overflow", "stack"));

  private static final List<HostileCase> SPACE =
      List.of(
          ending("memory-at-start", "module_refused", "memory starts with 4294967296 bytes"),
          ending("memory-growth", "limit_exceeded/memory", "the limit is 16777216"),
          ending(
              "memory-steps",
              "limit_exceeded/memory",
              "used 16842752 bytes of memory, the limit is 16777216"),
          ending("prepare-memory", "limit_exceeded/memory", "the limit is 16777216"),
          ending("many-memories", "module_refused", "defines 2 memories, the maximum is 1"),
          ending("huge-table", "module_refused", "table starts with 1000000 elements"),
          harmless("table-growth"),
          ending("data-out-of-bounds", "trapped/memory_out_of_bounds", "out of bounds"),
          harmless(GeneratedModules.GIANT_DATA));

  private static final List<HostileCase> OUTPUT =
      List.of(
          ending("giant-output", "limit_exceeded/output", "used 8388608 bytes of output"),
          ending("endless-output", "limit_exceeded/output", "bytes of output"),
          ending("output-pieces", "limit_exceeded/output", "used 4259840 bytes of output"),
          ending("no-output", "guest_failed/0", "ended without an output"),
          harmless("two-outputs"),
          ending("not-json", "bad_result_document", "is not valid JSON"),
          ending("deep-json", "bad_result_document", "nesting depth"),
          ending("long-number", "bad_result_document", "Number value length"),
          ending("invalid-utf8", "bad_result_document", "UTF-8"),
          ending("nul-in-output", "bad_result_document", "\\u0000"),
          ending("escapes-in-error", "forged", " [2J  2026-01-01 ERROR all is lost 31m "),
          ending("endless-checkpoints", "checkpoint_not_supported", "cannot save"),
          ending("endless-retries", "busy", "later"));

  private static final List<HostileCase> LOG =
      List.of(harmless("log-lines"), harmless("log-size"), harmless("log-escapes"));

  private static final List<HostileCase> HOST_FUNCTIONS =
      List.of(
          ending("host-call-storm", "limit_exceeded/host_calls", "used 30001 calls of host_calls"),
          harmless("edges-read-input"),
          harmless("edges-write-output"),
          harmless("edges-log"),
          harmless("edges-get-time"),
          harmless("edges-http-request"),
          harmless("edges-read-secret"),
          harmless("edges-cache"),
          harmless("cache-storm"),
          harmless("cache-giants"),
          harmless("cache-collisions"),
          harmless("buffer-lies"),
          harmless("stdin-lies"));

  private static final List<HostileCase> OTHERS =
      List.of(
          harmless("stale-memory"),
          harmless("prepare-stale"),
          harmless("prepare-spies"),
          harmless("foreign-input"),
          harmless("cache-spies"));

  private static final List<HostileCase> WASI =
      List.of(
          harmless("wasi-files"),
          harmless("files-hoard"),
          harmless("files-escape"),
          harmless("wasi-sockets"),
          harmless("wasi-processes"),
          endless("wasi-sleep"),
          endless("wasi-naps"),
          ending("wasi-exit", "guest_failed/137", "code 137"),
          ending("wasi-exit-zero", "guest_failed/0", "ended without an output"));

  private static final List<HostileCase> MODULES =
      List.of(
          ending("prepare-table", "module_refused", "it uses table.set"),
          ending("unknown-import", "module_refused", "'wasi_snapshot_preview1.proc_exec'"),
          ending(
              "host-memory", "module_refused", "'env.memory'; a handler may import functions only"),
          ending(
              GeneratedModules.TOO_LARGE, "module_refused", "the maximum for engine.module-size"),
          ending(GeneratedModules.TRUNCATED, "module_refused", ""),
          ending(GeneratedModules.FLIPPED, "module_refused", ""),
          ending(GeneratedModules.PRECOMPILED, "module_refused", "a precompiled module"),
          ending(GeneratedModules.FALSE_DIGEST, "module_refused", "SHA256SUMS"),
          ending(GeneratedModules.FALSE_NAME, "module_refused", "/name: must be 'false-name'"),
          ending(
              GeneratedModules.FALSE_MEMORY, "module_refused", "memory starts with 1048576 bytes"),
          ending(
              GeneratedModules.GREEDY_MANIFEST,
              "limit_exceeded/memory",
              "used 33619968 bytes of memory, the limit is 33554432"));

  private static final List<HostileCase> REQUESTS =
      List.of(
          fetching(
              "http-forbidden-host",
              "not_allowed",
              "policy does not grant GET http://elsewhere.example:80",
              peers -> get("http://elsewhere.example/")),
          fetching(
              "http-forbidden-method",
              "not_allowed",
              "policy does not grant PUT",
              peers -> get(peers.good(), PUT)),
          fetching(
              "http-loopback-literal",
              "not_allowed",
              "policy does not grant GET http://127.0.0.1",
              peers -> get("127.0.0.1", peers.victim())),
          fetching(
              "http-loopback-name",
              "not_allowed",
              "not public (loopback)",
              peers -> get("inside.test", peers.victim())),
          fetching(
              "http-loopback-among-others",
              "not_allowed",
              "not public (loopback)",
              peers -> get("both.test", peers.victim())),
          fetching(
              "http-changing-name",
              HostileCase.COMPLETED,
              "",
              peers -> get(peers.changingName(), peers.good())),
          fetching(
              "http-user-info",
              "bad_request",
              "no user name",
              peers -> get("listed.test@inside.test", peers.victim())),
          fetching(
              "http-crlf-in-url",
              "bad_request",
              "no control characters",
              peers -> get("http://listed.test/\\r\\nx: y")),
          fetching(
              "http-crlf-in-header",
              "bad_request",
              "not visible ASCII",
              peers -> get(peers.good(), FORGED)),
          fetching(
              "http-framing-header",
              "bad_request",
              "'transfer-encoding' is reserved",
              peers -> get(peers.good(), FRAMING)),
          fetching(
              "http-host-header",
              "bad_request",
              "'host' is reserved",
              peers -> get(peers.good(), HOST)),
          sending(
              "http-storm",
              "budget_exceeded",
              "limits.http-calls of 100",
              peers -> get(LISTED, peers.good())),
          harmless("http-pieces"),
          sending("http-hoard", HostileCase.COMPLETED, "", peers -> get(LISTED, peers.endless())));

  private static final List<HostileCase> RESPONSES =
      List.of(
          fetching(
              "http-redirect-to-metadata",
              "not_allowed",
              "169.254.169.254",
              peers -> get(LISTED, peers.metadata())),
          fetching(
              "http-redirect-inward",
              "not_allowed",
              "not public (loopback)",
              peers -> get(LISTED, peers.internalRedirect())),
          fetching(
              "http-redirect-loop",
              "bad_response",
              "more than the 5 redirects",
              peers -> get(LISTED, peers.redirectLoop())),
          fetching("http-slow-drip", "timeout", "timed out", peers -> impatient(peers.drip())),
          fetching(
              "http-endless-answer",
              "budget_exceeded",
              "limits.http-received of 1048576",
              peers -> get(LISTED, peers.endless())),
          fetching(
              "http-gzip-bomb",
              "budget_exceeded",
              "limits.http-received of 1048576",
              peers -> get(LISTED, peers.bomb())),
          fetching(
              "http-header-flood",
              "bad_response",
              "headers",
              peers -> get(LISTED, peers.headers())),
          fetching(
              "http-smuggled-answer",
              "bad_response",
              "both Content-Length and Transfer-Encoding",
              peers -> get(LISTED, peers.smuggler())));

  private static final List<HostileCase> SECRETS =
      List.of(
          harmless("secret-not-granted"),
          harmless("secret-storm"),
          harmless("secret-in-log"),
          harmless("secret-in-cache"),
          ending("secret-in-result", "secret_in_output", "as plain text, at /result/innocent"),
          ending("secret-in-error", "secret_in_output", "as plain text, at /error/message"),
          ending("secret-in-base64", "secret_in_output", "in base64, at /result"),
          sending(
              "secret-in-url",
              "secret_in_output",
              "contains the value of secret 'key'",
              peers -> text("http://listed.test:%d/", peers.good())),
          sending(
              "secret-in-pieces",
              "secret_in_output",
              "contains the value of secret 'key'",
              peers -> get(LISTED, peers.good())),
          fetching(
              "secret-to-another-server",
              "not_allowed",
              "not bound to this destination",
              peers -> get(peers.good(), SECRET)));

  private static HostileCase fetching(
      String name, String end, String message, HostileCase.Input input) {
    return HostileCase.sending(name, "http-fetch", input, end, message);
  }

  private static HostileCase sending(
      String guest, String end, String message, HostileCase.Input input) {
    return HostileCase.sending(guest, guest, input, end, message);
  }

  private static Document get(String host, int port) {
    return get("http://%s:%d/".formatted(host, port));
  }

  /** With more time than a busy machine needs: what ends it is not the clock. */
  private static Document get(String url) {
    return Document.of("{\"url\":\"%s\",\"timeout_ms\":20000}".formatted(url));
  }

  /** A request whose time is over before its answer is complete. */
  private static Document impatient(int port) {
    return Document.of("{\"url\":\"http://%s:%d/\",\"timeout_ms\":2000}".formatted(LISTED, port));
  }

  /** A request to the reachable server, with additional members. */
  private static Document get(int port, String more) {
    return Document.of(
        "{\"url\":\"http://%s:%d/\",\"timeout_ms\":20000,%s}".formatted(LISTED, port, more));
  }

  private static Document text(String text, int port) {
    return Document.of(text.formatted(port));
  }
}
