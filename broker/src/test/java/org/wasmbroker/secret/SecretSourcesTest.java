package org.wasmbroker.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.SecretName;

final class SecretSourcesTest {
  private static final SecretName TOKEN = new SecretName("TOKEN");
  private static final String PREFIX = SecretsConfig.DEFAULTS.environmentPrefix();

  @Test
  void aVariableNameIsThePrefixAndTheUpperCasedName() {
    var environment =
        new EnvironmentSecrets(
            PREFIX,
            Map.of(
                "WASM_BROKER_SECRET_TOKEN", "s3cret",
                "WASM_BROKER_SECRET_STRIPE_API_KEY", "sk_live"));

    assertThat(text(environment.find(TOKEN))).isEqualTo("s3cret");
    assertThat(text(environment.find(new SecretName("stripe.api-key")))).isEqualTo("sk_live");
    assertThat(environment.find(new SecretName("OTHER"))).isNull();
  }

  @Test
  void variablesWithoutThePrefixCannotBeReached() {
    var environment =
        new EnvironmentSecrets(
            PREFIX, Map.of("WASM_BROKER_DATABASE_PASSWORD", "db", "PATH", "/bin", "HOME", "/"));

    for (var name : List.of("DATABASE_PASSWORD", "PATH", "HOME", "WASM_BROKER_DATABASE_PASSWORD")) {
      assertThat(environment.find(new SecretName(name))).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "W", "WASM_", "wasm_", "WASM_BROKER_", "WASM_BROKER_DATABASE_", "DATABASE_",
        "database_", "PGMQ_", "PGMQ_DATABASE_", "SECRET", "SE CRET_", "_", "A__=_"
      })
  void aPrefixThatIsInvalidOrMatchesTheBrokersOwnVariablesIsRefused(String prefix) {
    assertThatThrownBy(() -> new SecretsConfig(null, prefix, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("secrets.environment-prefix must");
  }

  @ParameterizedTest
  @ValueSource(strings = {"WASM_BROKER_SECRET_", "WASM_BROKER_SECRET_APP_", "APP_SECRET_"})
  void aDistinctPrefixIsAccepted(String prefix) {
    assertThat(new SecretsConfig(null, prefix, Duration.ZERO).environmentPrefix())
        .isEqualTo(prefix);
  }

  @Test
  void aVariableAboveTheMaximumSizeIsRefused() {
    var environment =
        new EnvironmentSecrets(PREFIX, Map.of("WASM_BROKER_SECRET_TOKEN", "x".repeat(65_537)));

    assertThatThrownBy(() -> environment.find(TOKEN))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("has 65537 bytes");
  }

  @Test
  void theFirstSourceThatHasTheSecretWins() {
    var store = new SecretStore(List.of(source(null), source("second"), source("third")));

    assertThat(text(store.find(TOKEN).orElse(null))).isEqualTo("second");
    assertThat(SecretStore.NONE.find(TOKEN)).isEqualTo(Optional.empty());
  }

  @Test
  void aSourceThatHasTheSecretButFailsEndsTheSearch() {
    SecretSource broken =
        new SecretSource() {
          @Override
          public String location() {
            return "broken";
          }

          @Override
          public @Nullable SecretValue find(SecretName name) {
            throw new SecretUnavailableException("broken", null);
          }
        };

    assertThatThrownBy(() -> new SecretStore(List.of(broken, source("old"))).find(TOKEN))
        .isInstanceOf(SecretUnavailableException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", " abc \n"})
  void aValueTooShortToScanForIsRefused(String value) {
    assertThatThrownBy(() -> new SecretStore(List.of(source(value))).find(TOKEN))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessage(
            "secret TOKEN of test has fewer than 4 bytes; it could not be distinguished from other text");
  }

  @Test
  void valuesDoNotPrintThemselves() {
    assertThat(SecretValue.of("s3cret".getBytes(StandardCharsets.UTF_8))).hasToString("***");
  }

  private static SecretSource source(@Nullable String value) {
    return new SecretSource() {
      @Override
      public String location() {
        return "test";
      }

      @Override
      public @Nullable SecretValue find(SecretName name) {
        return value == null ? null : SecretValue.of(value.getBytes(StandardCharsets.UTF_8));
      }
    };
  }

  private static String text(@Nullable SecretValue value) {
    return new String(Objects.requireNonNull(value).bytes(), StandardCharsets.UTF_8);
  }
}
