package org.wasmbroker.observed;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SelectorsTest {
  @Test
  void areTheMetricsOfAQueryWithTheirMatchers() {
    assertThat(
            Selectors.of(
                "sum by (namespace, job) (increase(a_total{reason=\"x\"}[10m])) > 20 and on (job)"
                    + " (rate(b_total[5m]) > on (job) group_left 0.02 * c:d:rate5m) unless up =="
                    + " 0"))
        .containsExactly("a_total{reason=\"x\"}", "b_total", "c:d:rate5m", "up");
  }

  @Test
  void functionsAndNumbersAreNone() {
    assertThat(Selectors.of("absent(a) or time() - min by (x) (b) < 14 * 86400"))
        .containsExactly("a", "b");
  }
}
