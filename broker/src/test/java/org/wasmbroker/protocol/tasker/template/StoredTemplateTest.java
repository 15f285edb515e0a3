package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.wasmbroker.document.Problem;
import org.wasmbroker.step.Document;

class StoredTemplateTest {
  private static final String MINIMAL =
      """
      {"name":"orders","namespace_name":"shop","version":"1.0.0",
       "steps":[{"name":"price","handler":{"callable":"transform"}}]}
      """;

  @Test
  void absentMembersHaveTheirDefaults() {
    var template = read(MINIMAL);

    assertThat(template).hasToString("shop/orders/1.0.0");
    assertThat(template.publishesEvents()).isFalse();
    var step = Objects.requireNonNull(template.step("price"));
    assertThat(step.type()).isEqualTo(StepType.STANDARD);
    assertThat(step.initialization().text()).isEqualTo("{}");
    assertThat(step.dependencies()).isEmpty();
    assertThat(step.timeout()).isNull();
    assertThat(step.resultSchema()).isNull();
    assertThat(step.batch()).isNull();
    assertThat(step.json().text())
        .isEqualTo(
            """
            {"name":"price","description":null,\
            "handler":{"callable":"transform","method":null,"resolver":null,"initialization":{}},\
            "type":"standard","system_dependency":null,"dependencies":[],\
            "retry":{"retryable":true,"max_attempts":3,"backoff":"exponential",\
            "backoff_base_ms":1000,"max_backoff_ms":30000},\
            "timeout_seconds":null,"publishes_events":[],"batch_config":null}""");
  }

  @Test
  void aTemplateKeepsItsDocumentAsStored() {
    var json = Document.of(MINIMAL);

    assertThat(TemplateReader.readStored(json).json()).isSameAs(json);
  }

  @Test
  void nullsAliasesAndUnknownMembersAreAccepted() {
    var step =
        read("""
            {"name":"orders","namespace_name":"shop","version":"1","future":1,"domain_events":null,
             "steps":[{"name":"price","step_type":"decision","depends_on":["a"],"retry":null,
               "handler":{"callable":"x","method":null,"initialization":null,"more":[]},
               "timeout_seconds":30,"composition":{"anything":1}}]}
            """)
            .steps()
            .getFirst();

    assertThat(step.type()).isEqualTo(StepType.DECISION);
    assertThat(step.dependencies()).isEqualTo(List.of("a"));
    assertThat(step.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(step.json().text()).contains("\"composition\":{\"anything\":1}");
  }

  @Test
  void allProblemsAreReportedTogether() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"name":"orders","version":1,
                     "steps":[{"name":"a","handler":{}},{"handler":{"callable":"x"},"type":"odd"}]}
                    """))
        .isInstanceOfSatisfying(
            TemplateException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Problem::toString)
                    .containsExactly(
                        "/namespace_name: is missing",
                        "/version: must be a string, was 1: put it in quotes",
                        "/steps/0/handler/callable: is missing",
                        "/steps/1/name: is missing",
                        "/steps/1/type: must be one of standard, decision, deferred_convergence,"
                            + " batchable, batch_worker, was 'odd'"));
  }

  private static TaskTemplate read(String json) {
    return TemplateReader.readStored(Document.of(json));
  }
}
