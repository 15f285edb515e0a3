package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;

/**
 * Environment variables with a prefix: {@code stripe.api-key} is {@code
 * WASM_BROKER_SECRET_STRIPE_API_KEY}. Variables without the prefix, such as the broker's own
 * passwords, cannot be reached. Values do not change while the process runs.
 */
public final class EnvironmentSecrets implements SecretSource {
  private final String prefix;
  private final Map<String, String> environment;

  /**
   * @param environment the process's environment; its strings stay in memory for as long as the
   *     process runs
   */
  public EnvironmentSecrets(String prefix, Map<String, String> environment) {
    this.prefix = prefix;
    this.environment = environment;
  }

  @Override
  public String location() {
    return "environment variables " + prefix + "*";
  }

  @Override
  public @Nullable SecretValue find(SecretName name) {
    var variable = variableName(name);
    var text = environment.get(variable);
    if (text == null) {
      return null;
    }
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_BYTES) {
      throw new SecretUnavailableException(
          "environment variable %s has %d bytes, the maximum size of a secret is %d"
              .formatted(variable, bytes.length, MAX_BYTES),
          null);
    }
    return SecretValue.of(bytes);
  }

  private String variableName(SecretName name) {
    return prefix + name.text().toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }
}
