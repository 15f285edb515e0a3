package org.wasmbroker.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.pgmq.DatabaseConfig;

class DatabaseUrlTest {
  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://h:1/d?x=y, jdbc:postgresql://h:1/d?x=y,,",
    "postgresql://h/d, jdbc:postgresql://h/d,,",
    "postgres://u@h:1/d, jdbc:postgresql://h:1/d, u,",
    "postgresql://u:p@h/d, jdbc:postgresql://h/d, u, p",
    "postgresql://u%3A:p+%25/@h/d, jdbc:postgresql://h/d, u:, p+%/",
    "postgresql://u:p@[::1]:5432/d, jdbc:postgresql://[::1]:5432/d, u, p",
    "'postgresql://u:p@a:1,b:2/d', 'jdbc:postgresql://a:1,b:2/d', u, p",
    "postgresql://h/d?sslmode=require&connect_timeout=3, jdbc:postgresql://h/d?sslmode=require&connectTimeout=3,,"
  })
  void bothUrlFormsAreAccepted(String text, String url, String user, String password) {
    var address = DatabaseUrl.parse(text).orElseThrow();

    assertThat(address.jdbcUrl()).isEqualTo(url);
    assertThat(address.user()).isEqualTo(user);
    if (password == null) {
      assertThat(address.password()).isNull();
    } else {
      assertThat(requireNonNull(address.password()).reveal()).isEqualTo(password);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "h/d",
        "mysql://h/d",
        "postgresql://h",
        "postgresql:///d",
        "postgresql://h/d?host=/var/run/postgresql",
        "postgresql://h/d?sslmode",
        "postgresql://u:%zz@h/d",
      })
  void otherUrlsAreRejected(String text) {
    assertThat(DatabaseUrl.parse(text)).isEmpty();
  }

  @Test
  void passwordsAreFullyMasked() {
    assertThat(DatabaseConfig.maskUrl("postgresql://u:ge/he:im@h/d"))
        .isEqualTo("postgresql://***@h/d");
  }
}
