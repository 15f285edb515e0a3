package org.wasmbroker.grant;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

/**
 * What held, in a receipt. It goes with every result, and so what was not granted, which is most of
 * it for most steps, is left out.
 */
final class Summary {
  private static final JsonMapper JSON = new JsonMapper();

  /** More destinations than a receipt should carry; the rest is counted. */
  private static final int MOST_DESTINATIONS = 20;

  private Summary() {}

  static Document of(
      Set<AbiFunction> functions,
      HttpGrants http,
      Collection<SecretGrant> secrets,
      ResourceClassName resourceClass,
      @Nullable Digest policy) {
    var summary = JSON.createObjectNode();
    summary.put("class", resourceClass.text());
    var called = summary.putArray("functions");
    new TreeSet<>(functions).forEach(function -> called.add(function.text()));
    var held = http.effective();
    if (!held.isEmpty()) {
      var destinations = summary.putArray("destinations");
      held.stream()
          .limit(MOST_DESTINATIONS)
          .map(grant -> grant.destination() + (grant.mode() == Mode.AUDIT ? " (audit)" : ""))
          .forEach(destinations::add);
    }
    if (held.size() > MOST_DESTINATIONS) {
      summary.put("more_destinations", held.size() - MOST_DESTINATIONS);
    }
    if (!secrets.isEmpty()) {
      var names = summary.putArray("secrets");
      secrets.forEach(secret -> names.add(secret.name().text()));
    }
    if (policy != null) {
      summary.put("policy", policy.hex());
    }
    return Document.of(JSON.writeValueAsString(summary));
  }
}
