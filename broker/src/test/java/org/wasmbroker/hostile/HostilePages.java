package org.wasmbroker.hostile;

import static org.wasmbroker.hostile.HostileCase.ending;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.testing.HostileGuests;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The hostile guests in a page, whose tests read them from {@code web/test/hostile.json}: the same
 * modules with the same ends.
 */
final class HostilePages {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final String SERVER =
      "needs a server, which a page's own tests have (`PageHttpTest`, `PageSecretsTest`)";
  private static final String DENIED = "a page has no cache";
  private static final String GENERATED = "made by the broker's tests";
  private static final String REQUESTS = "a page without `http` denies every request";

  /** What sends a secret that it read. */
  private static final Set<String> SENDS_SECRETS = Set.of("secret-in-url", "secret-in-pieces");

  /** What ends otherwise than in the broker, or with another text, and how. */
  private static final Map<String, HostileCase> OTHERWISE =
      Stream.of(
              ending("deep-json", "bad_result_document", "nested more than 100 levels"),
              ending("long-number", "bad_result_document", "a number has"),
              // the page may run the next step with it
              ending("endless-checkpoints", "checkpoint", ""))
          .collect(Collectors.toMap(HostileCase::guest, each -> each));

  private HostilePages() {}

  /** Why a page does not run a case; null if it does. */
  static @Nullable String reason(HostileCase hostile) {
    var guest = hostile.guest();
    if (!HostileGuests.names().contains(guest)) {
      return GENERATED;
    }
    if (guest.contains("cache")) {
      return DENIED;
    }
    if (guest.equals("edges-http-request")) {
      return REQUESTS;
    }
    return guest.startsWith("http-") || SENDS_SECRETS.contains(guest) ? SERVER : null;
  }

  /** The cases that a page runs. */
  static Stream<HostileCase> all() {
    return HostileCases.all()
        .filter(hostile -> reason(hostile) == null)
        .map(hostile -> OTHERWISE.getOrDefault(hostile.guest(), hostile));
  }

  /** The file that the page's tests read. */
  static String json() {
    var cases = JSON.createArrayNode();
    all()
        .forEach(
            hostile ->
                cases
                    .addObject()
                    .put("guest", hostile.guest())
                    .put("end", hostile.expectedEnd())
                    .put("message", hostile.message())
                    .put("endless", hostile.isEndless()));
    return JSON.writeValueAsString(cases) + "\n";
  }
}
