package org.wasmbroker.demo;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.cli.Console;
import org.wasmbroker.cli.HumanFormat;
import org.wasmbroker.demo.TaskerDemoQueries.StepStatus;
import tools.jackson.databind.JsonNode;

/** The tasks of the demo with the receipts of their steps. */
final class TaskerDemoReport {
  private static final int MAX_RESULT_CHARS = 60;

  private final Console console;
  private final TaskerDemoQueries queries;

  TaskerDemoReport(Console console, TaskerDemoQueries queries) {
    this.console = console;
    this.queries = queries;
  }

  void print(List<TaskerDemoTask> tasks) {
    for (var task : tasks) {
      var state = queries.state(task);
      console.line("");
      console.line(
          "%s  %s  %s"
              .formatted(
                  console.bold(task.name()),
                  state.equals("complete") ? console.success(state) : console.failure(state),
                  console.dim(task.id().toString())));
      console.line(
          console.dim(
              "  %-24s %-9s %-16s %13s %10s %9s  %s"
                  .formatted(
                      "step",
                      "state",
                      "handler",
                      "instantiation",
                      "execution",
                      "memory",
                      "result")));
      queries.steps(task).forEach(this::print);
    }
  }

  private void print(StepStatus step) {
    var receipt = step.results().path("metadata").path("custom").path("receipt");
    var result = step.results().path("result").toString();
    console.line(
        "  %-24s %-9s %-16s %13s %10s %9s  %s"
            .formatted(
                step.name(),
                step.state(),
                handler(receipt),
                nanos(receipt, "instantiation_ns"),
                nanos(receipt, "execution_ns"),
                receipt.isMissingNode()
                    ? "-"
                    : HumanFormat.bytes(receipt.path("memory_high_water_bytes").asLong()),
                result.length() > MAX_RESULT_CHARS
                    ? result.substring(0, MAX_RESULT_CHARS) + " …"
                    : result));
  }

  private static String handler(JsonNode receipt) {
    return receipt.path("handler").isString()
        ? receipt.path("handler").asString() + " " + receipt.path("version").asString()
        : "-";
  }

  private static String nanos(JsonNode receipt, String member) {
    return receipt.isMissingNode()
        ? "-"
        : HumanFormat.duration(Duration.ofNanos(receipt.path(member).asLong()));
  }
}
