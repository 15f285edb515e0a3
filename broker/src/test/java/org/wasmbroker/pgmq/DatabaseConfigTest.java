package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DatabaseConfigTest {
  @Test
  void passwordsAreNotShown() {
    var config =
        with("jdbc:postgresql://joe:s3cret@db/app?password=s3cret&ssl=true", Password.of("s3cret"));
    assertThat(config.toString()).doesNotContain("s3cret").contains("ssl=true");
    assertThat(config.maskedUrl()).isEqualTo("jdbc:postgresql://***@db/app?password=***&ssl=true");
  }

  @Test
  void anUnsupportedUrlIsRejectedWithoutShowingItsPassword() {
    assertThatThrownBy(() -> with("postgres://joe:s3cret@db/app", Password.of("x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("database.url")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void aPoolOfOneConnectionIsRejected() {
    var defaults = DatabaseConfig.DEFAULTS;
    assertThatThrownBy(
            () ->
                new DatabaseConfig(
                    defaults.url(), null, null, 1, Duration.ofSeconds(5), Duration.ofSeconds(5)))
        .hasMessageContaining("database.pool-size must be at least 2");
  }

  private static DatabaseConfig with(String url, Password password) {
    return new DatabaseConfig(url, null, password, 4, Duration.ofSeconds(5), Duration.ofSeconds(5));
  }
}
