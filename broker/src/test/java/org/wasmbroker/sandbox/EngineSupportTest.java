package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.EngineInfo;

class EngineSupportTest {
  @Test
  void aVersionIsSupportedForTwoMonths() {
    assertThat(EngineSupport.of(new EngineInfo("wasmtime", "50.0.1")))
        .contains(new EngineSupport(day("2026-10-20"), day("2026-12-20")));
  }

  @Test
  void everyTwelfthVersionIsSupportedForTwoYears() {
    assertThat(EngineSupport.of(new EngineInfo("wasmtime", "48.0.0")))
        .contains(new EngineSupport(day("2026-08-20"), day("2028-08-20")));
  }

  @Test
  void theEngineInWasmtimeJavaIsOld() {
    assertThat(EngineSupport.of(new EngineInfo("wasmtime-java", "0.19.0")))
        .contains(new EngineSupport(day("2023-03-20"), day("2023-05-20")));
  }

  @Test
  void ofOthersNothingIsKnown() {
    assertThat(EngineSupport.of(new EngineInfo("wasmtime-java", "0.20.0"))).isEmpty();
    assertThat(EngineSupport.of(new EngineInfo("wasmtime", "dev"))).isEmpty();
    assertThat(EngineSupport.of(new EngineInfo("other", "1.0.0"))).isEmpty();
  }

  private static Instant day(String date) {
    return Instant.parse(date + "T00:00:00Z");
  }
}
