package org.wasmbroker.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> NAMES = List.of("database.url", "database.user", "http.port");

  @Test
  void aTypoFindsTheIntendedName() {
    assertThat(NearestName.of("databse.url", NAMES)).contains("database.url");
    assertThat(NearestName.of("http.prot", NAMES)).contains("http.port");
  }

  @Test
  void aNameUnlikeAnyOtherFindsNothing() {
    assertThat(NearestName.of("colour", NAMES)).isEmpty();
  }

  @Test
  void amongEquallyNearNamesTheAlphabeticallyFirstWins() {
    assertThat(NearestName.of("bb", List.of("bc", "ab"))).contains("ab");
  }

  @Test
  void veryLongNamesAreNotSearched() {
    assertThat(NearestName.of("x".repeat(101), List.of("x".repeat(101)))).isEmpty();
  }
}
