package org.wasmbroker.testing;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.secret.SecretSource;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.SecretValue;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.url.Destination;

/** The secrets of a step, from values in memory. */
public final class TestSecrets {
  private TestSecrets() {}

  /** No secret is granted. */
  public static StepSecrets none() {
    return of(Map.of(), Destination.parse("* *://*:*"));
  }

  /** All of the values are readable, and are injected into requests to the destination. */
  public static StepSecrets of(Map<String, String> values, Destination boundTo) {
    var grants = new HashMap<SecretName, SecretGrant>();
    for (var text : values.keySet()) {
      var name = new SecretName(text);
      grants.put(name, new SecretGrant(name, true, List.of(boundTo)));
    }
    return new StepSecrets(
        grants,
        new SecretStore(List.of(new InMemory(values))),
        Outcomes.module("test"),
        Outcomes.step("test"),
        EventSink.NONE);
  }

  private record InMemory(Map<String, String> values) implements SecretSource {
    @Override
    public String location() {
      return "the test";
    }

    @Override
    public @Nullable SecretValue find(SecretName name) {
      var value = values.get(name.text());
      return value == null ? null : SecretValue.of(value.getBytes(StandardCharsets.UTF_8));
    }
  }
}
