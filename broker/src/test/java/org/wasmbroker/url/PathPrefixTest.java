package org.wasmbroker.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathPrefixTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/, /a/b",
    "/v1, /v1",
    "/v1, /v1/",
    "/v1, /v1/users",
    "/v1/, /v1",
    "/v1/, /v1/users",
    "/a%2bb, /a%2Bb/c",
    "/%61, /a/b",
    "/a, /%61/b",
    "/, /x/%2e%2e/y",
  })
  void matchingPaths(String prefix, String path) {
    assertThat(new PathPrefix(prefix).matches(path)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"/v1, /v10", "/v1, /", "/v1, /V1", "/v1/users, /v1", "/v1, /v1;a/x", "/v1, //v1"})
  void nonMatchingPaths(String prefix, String path) {
    assertThat(new PathPrefix(prefix).matches(path)).isFalse();
  }

  /** A server may interpret each of these as a path outside {@code /v1}. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/../admin", "/v1/%2e%2e/admin", "/v1/.%2E/admin", "/v1/..;x/admin", "/v1/%2e;/x",
        "/v1/..%2fadmin", "/v1/..%2Fadmin", "/v1/..%5cadmin", "/v1/..\\admin", "/v1/a%2Fb",
      })
  void ambiguousPathsMatchNoPrefix(String path) {
    assertThat(new PathPrefix("/v1").matches(path)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v1", "/v1/*", "/v1?x", "/v1#x", "/a b", "/ü", "/a//b", "/a//", "/a/../b", "/a%2fb", "/%zz"
      })
  void invalidPrefixesAreRejected(String text) {
    assertThatThrownBy(() -> new PathPrefix(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a path ");
  }
}
