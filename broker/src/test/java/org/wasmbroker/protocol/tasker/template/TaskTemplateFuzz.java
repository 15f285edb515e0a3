package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.step.Document;

/**
 * Task templates, as operators write them and as the database stores them. A rejected one has
 * problems that are safe to log; the stored form of a file is read from the database as the same
 * template.
 */
public final class TaskTemplateFuzz implements FuzzTarget {
  @Override
  public List<byte[]> seeds() {
    return FuzzTarget.texts(
        """
        name: orders
        namespace_name: shop
        version: 1.0.0
        steps:
          - name: price
            type: standard
            handler:
              callable: wasm:transform@1
              initialization: {filter: ".context | {total}"}
            retry: {max_attempts: 5, backoff: linear}
            timeout_seconds: 30
            result_schema: {type: object, required: [total]}
          - name: ship
            dependencies: [price]
            handler: {callable: echo}
        """,
        """
        {"name":"orders","namespace_name":"shop","version":"1.0.0",
         "steps":[{"name":"price","handler":{"callable":"transform"},"type":"batchable",
           "batch_config":{"batch_size":10,"parallelism":2,"cursor_field":"id",
             "checkpoint_interval":5,"worker_template":"work","failure_strategy":"fail_fast"}},
          {"name":"work","type":"batch_worker","dependencies":["price"],"handler":{"callable":"echo"}}]}""",
        """
        name: &a orders
        namespace_name: *a
        version: 1
        steps: []
        """,
        "a: &a [*a]",
        "{\"name\":7,\"steps\":{}}");
  }

  @Override
  public void accept(byte[] input) {
    read(() -> TemplateReader.readStored(Document.of(input)));
    read(() -> TemplateReader.readFile("orders.json", input));
    var template = read(() -> TemplateReader.readFile("orders.yaml", input));
    if (template != null) {
      var stored = TemplateReader.readStored(template.json());
      assertThat(stored).hasToString(template.toString());
      assertThat(stored.steps().stream().map(StepDefinition::name))
          .containsExactlyElementsOf(template.steps().stream().map(StepDefinition::name).toList());
      assertThat(stored.steps().stream().map(StepDefinition::callable))
          .containsExactlyElementsOf(
              template.steps().stream().map(StepDefinition::callable).toList());
    }
  }

  private static @Nullable TaskTemplate read(Supplier<TaskTemplate> reader) {
    try {
      return reader.get();
    } catch (TemplateException refused) {
      assertThat(refused.problems()).isNotEmpty();
      for (var problem : refused.problems()) {
        assertThat(problem.message()).isNotBlank();
        assertThat(problem.toString().chars()).noneMatch(Character::isISOControl);
      }
      return null;
    }
  }
}
