package org.wasmbroker.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.url.HttpUrl;

class ProxyRulesTest {
  private static final HttpUrl SECURE = HttpUrl.parse("https://registry.example/");

  @Test
  void theVariablesOfMostProgramsCount() {
    var rules =
        ProxyRules.of(
            null, Map.of("HTTPS_PROXY", "proxy.example:3128", "http_proxy", "http://other:80/"));

    assertThat(rules.proxy(SECURE)).hasToString("http://proxy.example:3128/");
    assertThat(rules.proxy(HttpUrl.parse("http://registry.example/"))).hasToString("http://other/");
  }

  @Test
  void theSettingCountsInstead() {
    var rules =
        ProxyRules.of("http://own.example:1", Map.of("HTTPS_PROXY", "http://x:1", "NO_PROXY", "*"));

    assertThat(rules.proxy(SECURE)).hasToString("http://own.example:1/");
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example, true",
    "example, true",
    ".example, true",
    "*.example, true",
    "' other , registry.example ', true",
    "registry.example:443, true",
    "registry.example:5000, false",
    "gistry.example, false",
    "*, true",
    "'', false",
    "10.0.0.0/8, false"
  })
  void exceptionsAreNamesWithTheirSubdomains(String exceptions, boolean direct) {
    var rules =
        ProxyRules.of(null, Map.of("HTTPS_PROXY", "http://proxy:1", "NO_PROXY", exceptions));

    assertThat(rules.proxy(SECURE) == null).isEqualTo(direct);
  }

  @ParameterizedTest
  @CsvSource({
    "https://10.1.2.3/, true",
    "https://11.1.2.3/, false",
    "https://192.0.2.7:5000/, true",
    "https://127.0.0.1:5000/, true",
    "https://localhost/, true",
    "'https://[::1]/', true"
  })
  void exceptionsAreAddressesAndNetworksAndThisMachine(String url, boolean direct) {
    var rules =
        ProxyRules.of(
            null, Map.of("HTTPS_PROXY", "http://proxy:1", "NO_PROXY", "10.0.0.0/8,192.0.2.7"));

    assertThat(rules.proxy(HttpUrl.parse(url)) == null).isEqualTo(direct);
  }

  @Test
  void aVariableThatNamesNoProxyIsNamedWithoutItsValue() {
    assertThatThrownBy(
            () -> ProxyRules.of(null, Map.of("HTTPS_PROXY", "http://ada:hidden@proxy:1")))
        .hasMessageStartingWith("HTTPS_PROXY is not a proxy")
        .hasMessageContaining("no user name or password")
        .hasMessageNotContaining("hidden");
  }
}
