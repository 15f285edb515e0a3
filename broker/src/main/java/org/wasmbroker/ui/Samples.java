package org.wasmbroker.ui;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.node.ObjectNode;

/**
 * A broker's metrics, in the text format of Prometheus: those that the page shows. Lines that are
 * none are passed over.
 */
final class Samples {
  /** What is listed of one kind at most. */
  static final int MAX_LISTED = 1_000;

  private static final int MAX_LABEL = 200;
  private static final String STEPS = "wasm_broker_steps_total";
  private static final Pattern SAMPLE =
      Pattern.compile("(wasm_broker_[a-z0-9_]+)(?:\\{([^\\n]*)\\})? ([^ \\n]+)(?: [0-9.]+)?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*+)\"");

  private record Sample(String name, Map<String, String> labels, double value) {
    String label(String key) {
      return labels.getOrDefault(key, "");
    }
  }

  private final List<Sample> all;

  private Samples(List<Sample> all) {
    this.all = all;
  }

  static Samples parse(String text) {
    var all = new ArrayList<Sample>();
    text.lines()
        .filter(line -> line.startsWith("wasm_broker_"))
        .forEach(
            line -> {
              var sample = SAMPLE.matcher(line);
              if (sample.matches()) {
                try {
                  all.add(
                      new Sample(
                          sample.group(1),
                          labels(sample.group(2)),
                          Double.parseDouble(sample.group(3))));
                } catch (NumberFormatException notANumber) {
                  // such as +Inf, which no figure of the page is
                }
              }
            });
    return new Samples(all);
  }

  private static Map<String, String> labels(@Nullable String text) {
    var labels = new HashMap<String, String>();
    var found = LABEL.matcher(text == null ? "" : text);
    while (found.find()) {
      labels.put(
          found.group(1),
          SafeText.sanitize(
              found.group(2).replace("\\\"", "\"").replace("\\n", " ").replace("\\\\", "\\"),
              MAX_LABEL));
    }
    return labels;
  }

  /** The label of the one sample of that name; null if there is none. */
  @Nullable String label(String name, String key) {
    return all.stream()
        .filter(sample -> sample.name().equals(name))
        .map(sample -> sample.labels().get(key))
        .findFirst()
        .orElse(null);
  }

  /** Adds the figures to the status of a broker; those that there are not are null. */
  void writeTo(ObjectNode status) {
    put(status, "in_flight", sum("wasm_broker_slots_in_use", _ -> true));
    put(status, "slots", sum("wasm_broker_slots", _ -> true));
    put(status, "waiting", sum("wasm_broker_steps_waiting", _ -> true));
    put(status, "completed", ended("completed"));
    put(status, "failed", ended("failed", "exhausted"));
    put(status, "retried", ended("retry"));
    var queues = status.putArray("queues");
    of("wasm_broker_queue_depth")
        .forEach(
            sample -> {
              var queue = queues.addObject().put("queue", sample.label("queue"));
              put(queue, "depth", finite(sample.value()));
            });
    var modules = status.putArray("modules");
    of("wasm_broker_module_info")
        .forEach(
            sample ->
                modules
                    .addObject()
                    .put("handler", sample.label("handler"))
                    .put("version", sample.label("version"))
                    .put("digest", sample.label("digest")));
  }

  private List<Sample> of(String name) {
    return all.stream().filter(sample -> sample.name().equals(name)).limit(MAX_LISTED).toList();
  }

  /** None have ended yet if there is no sample: the series begins with the first. */
  private OptionalDouble ended(String... outcomes) {
    var sum = sum(STEPS, sample -> List.of(outcomes).contains(sample.label("outcome")));
    return sum.isEmpty() ? OptionalDouble.of(0) : sum;
  }

  private OptionalDouble sum(String name, Predicate<Sample> which) {
    var some = all.stream().filter(sample -> sample.name().equals(name)).filter(which).toList();
    return some.isEmpty()
        ? OptionalDouble.empty()
        : finite(some.stream().mapToDouble(Sample::value).sum());
  }

  private static OptionalDouble finite(double value) {
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  private static void put(ObjectNode node, String member, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(member, (long) value.orElseThrow());
    } else {
      node.putNull(member);
    }
  }
}
