package org.wasmbroker.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceTest {
  @Test
  void findsReferencesWithTheirPlaces() {
    var references = Reference.in("https://a.example/${context.id}/x?y=${deps[\"the }one\"][0].z}");

    assertThat(references)
        .extracting(Reference::written)
        .containsExactly("${context.id}", "${deps[\"the }one\"][0].z}");
    assertThat(references).extracting(Reference::at).containsExactly(19, 37);
    assertThat(references.getLast().path()).containsExactly("deps", "the }one", "0", "z");
    assertThat(references.getLast().step()).isEqualTo("the }one");
  }

  @Test
  void aResultOfAStepIsTheSameInBothNotations() {
    assertThat(Reference.in("${steps.load.result.id}").getFirst().path())
        .isEqualTo(Reference.in("${deps.load.id}").getFirst().path())
        .isEqualTo(List.of("deps", "load", "id"));
  }

  @Test
  void twoDollarsAreNoReference() {
    assertThat(Reference.in("$${context.id} costs $5 {x}")).isEmpty();
    assertThat(Reference.in("$${a} ${prev}")).hasSize(1);
  }

  @Test
  void aTextThatIsOneReferenceIsKnownAsSuch() {
    assertThat(Reference.only("${context.url}")).isNotNull();
    assertThat(Reference.only("${context.a}${context.b}")).isNull();
    assertThat(Reference.only("x${context.a}")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ${context           | no closing
          ${}                 | a name is missing
          ${contexts.a}       | unknown root
          ${steps.a.id}       | ${steps.NAME.result}
          ${secrets}          | ${secrets.NAME}
          ${secrets.a.b}      | ${secrets.NAME}
          ${[0].a}            | must start with a name
          ${context.a b}      | a name is missing
          ${context..a}       | a name is missing
          ${context[a]}       | expected a number or a quoted name
          ${context[0}        | no matching
          ${context[0]a}      | expected '.'
          """)
  void mistakesAreExplained(String text, String problem) {
    assertThat(Reference.in(text))
        .singleElement()
        .satisfies(reference -> assertThat(reference.problem()).contains(problem));
  }
}
