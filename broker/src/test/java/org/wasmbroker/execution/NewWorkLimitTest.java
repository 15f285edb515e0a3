package org.wasmbroker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.step.Document;

class NewWorkLimitTest {
  @Test
  void aResultMayRequestAsMuchAsThePolicyAllows() {
    assertThat(NewWorkLimit.violation(decision(100), 100)).isNull();
    assertThat(NewWorkLimit.violation(batches(100), 100)).isNull();
  }

  @Test
  void aResultThatRequestsMoreIsRefusedWithBothNumbers() {
    for (var result : new Document[] {decision(101), batches(101)}) {
      var error = Objects.requireNonNull(NewWorkLimit.violation(result, 100));
      assertThat(error.type()).isEqualTo("limit_exceeded");
      assertThat(error.code()).isEqualTo("new_work");
      assertThat(error.retryable()).isFalse();
      assertThat(error.message())
          .isEqualTo("the result requests 101 new steps or batches, the policy allows 100");
      assertThat(Objects.requireNonNull(error.context()).document().text())
          .isEqualTo("{\"limit\":\"new_work\",\"unit\":\"steps\",\"allowed\":100,\"used\":101}");
    }
  }

  @Test
  void aNameWithEscapesIsTheSameName() {
    var escaped = decision(3).text().replace("decision_point", "decision\\u005fpoint");

    assertThat(
            NewWorkLimit.violation(Document.of(escaped.replace("_outcome", "\\u005foutcome")), 2))
        .isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "\"decision_point_outcome\"",
        "[{\"decision_point_outcome\":{\"step_names\":[1,2]}}]",
        "{\"decision_point_outcome\":[1,2,3]}",
        "{\"decision_point_outcome\":{\"step_names\":{\"a\":[1,2]}}}",
        "{\"other\":{\"decision_point_outcome\":{\"step_names\":[1,2]}}}",
        "{\"some_other\":1,\"list\":[1,2,3]}"
      })
  void otherResultsRequestNothing(String result) {
    assertThat(NewWorkLimit.violation(Document.of(result), 0)).isNull();
  }

  private static Document decision(int steps) {
    return Document.of(
        "{\"a\":{},\"decision_point_outcome\":{\"type\":\"create_steps\",\"step_names\":["
            + list(steps, "\"s%d\"")
            + "]}}");
  }

  private static Document batches(int batches) {
    return Document.of(
        "{\"batch_processing_outcome\":{\"cursor_configs\":["
            + list(batches, "{\"batch_id\":\"%d\",\"x\":[1,2]}")
            + "],\"type\":\"create_batches\"}}");
  }

  private static String list(int count, String element) {
    return IntStream.range(0, count).mapToObj(element::formatted).collect(Collectors.joining(","));
  }
}
