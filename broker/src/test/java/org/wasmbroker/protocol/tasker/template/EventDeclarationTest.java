package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.protocol.tasker.template.EventDeclaration.Condition;

class EventDeclarationTest {
  @ParameterizedTest
  @CsvSource({
    // condition, after success, after a failure that is retried, after a permanent one
    "SUCCESS, true, false, false",
    "FAILURE, false, true, true",
    "RETRYABLE_FAILURE, false, true, false",
    "PERMANENT_FAILURE, false, false, true",
    "ALWAYS, true, true, true",
  })
  void aConditionMatchesTheOutcomesItNames(
      Condition condition, boolean success, boolean retryable, boolean permanent) {
    assertThat(condition.matches(true, false)).isEqualTo(success);
    assertThat(condition.matches(false, true)).isEqualTo(retryable);
    assertThat(condition.matches(false, false)).isEqualTo(permanent);
  }
}
