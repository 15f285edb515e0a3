package org.wasmbroker.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonNestingTest {
  @Test
  void levelsAreCounted() {
    assertThat(isDeeper("[[{}],[]]", 3)).isFalse();
    assertThat(isDeeper("[[{}],[]]", 2)).isTrue();
    assertThat(isDeeper("[],[],[]", 1)).isFalse();
  }

  @Test
  void bracketsInStringsAreIgnored() {
    assertThat(isDeeper("{\"[[[\":\"{{\\\"[[\"}", 1)).isFalse();
    assertThat(isDeeper("[\"\\\\\",[[]]]", 2)).isTrue();
  }

  @Test
  void aHundredThousandLevelsAreHandled() {
    assertThat(isDeeper("[".repeat(100_000) + "]".repeat(100_000), JsonNesting.MAX_DEPTH)).isTrue();
  }

  private static boolean isDeeper(String json, int most) {
    return JsonNesting.isDeeperThan(json.getBytes(StandardCharsets.UTF_8), most);
  }
}
