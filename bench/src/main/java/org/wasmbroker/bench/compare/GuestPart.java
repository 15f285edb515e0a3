package org.wasmbroker.bench.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wasmbroker.bench.TransformBenchmark;
import org.wasmbroker.bench.TransformDocuments;
import org.wasmbroker.bench.TransformDocuments.Case;
import org.wasmbroker.embedded.EmbeddedPostgres;
import tools.jackson.databind.json.JsonMapper;

/** The guest's own work: transform with the demo's filters on documents of 1 to 50 KB. */
final class GuestPart implements Part {
  private static final int SMALLEST = 1_000;
  private static final int WARM_UP = 20;
  private static final int COUNTED = 60;
  private static final String ALL = "all";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final StepQueue queue;
  private final List<Case> cases;
  private final List<Double> nativeMicros;

  /**
   * @param demo the demo's resources
   * @param program the native build of transform; not used if it does not exist
   */
  GuestPart(EmbeddedPostgres postgres, Path demo, Path program) throws Exception {
    this.queue = new StepQueue(postgres, "guest");
    this.cases =
        new TransformDocuments(demo)
            .cases().stream().filter(example -> example.size() >= SMALLEST).toList();
    this.nativeMicros =
        Files.isExecutable(program)
            ? TransformBenchmark.nativeMicros(program.toString(), cases)
            : List.of();
  }

  @Override
  public String name() {
    return "guest";
  }

  @Override
  public String about() {
    return "instantiation and execution by the receipts, one guest at a time, medians of %d steps for each of the demo's filters and documents of 1, 10 and 50 KB, added up"
        .formatted(COUNTED);
  }

  @Override
  public List<Figure> figures() {
    var figures = new ArrayList<Figure>();
    figures.add(Figure.of(ALL, "µs", "all filters and documents").ratioAtMost(0.6));
    for (var filter : filters()) {
      figures.add(Figure.of(filter, "µs", "filter `%s`".formatted(filter)).ratioAtMost(0.6));
    }
    if (!nativeMicros.isEmpty()) {
      figures.add(
          Figure.of("native", "times", "all, to the best of the native build of the same source")
              .atMost(1.5));
      figures.add(
          Figure.of("native-worst", "times", "the same for the filter that is worst in it")
              .atMost(1.5));
    }
    return figures;
  }

  private Set<String> filters() {
    var filters = new LinkedHashSet<String>();
    cases.forEach(example -> filters.add(example.filter()));
    return filters;
  }

  @Override
  public int rounds() {
    return 5;
  }

  @Override
  public void round(Build build, Samples samples) throws Exception {
    queue.empty();
    var counted = new HashMap<String, String>();
    var messages = new ArrayList<StepQueue.Message>();
    for (var example : cases) {
      var document = JSON.readTree(example.document());
      for (int i = 0; i < WARM_UP + COUNTED; i++) {
        var message =
            StepQueue.message(
                "transform", document.get("config").toString(), document.get("context").toString());
        messages.add(message);
        if (i >= WARM_UP) {
          counted.put(message.step(), name(example));
        }
      }
    }
    var settings = queue.settings();
    settings.put("dispatch.slots", "1");
    try (var broker = BrokerProcess.start(build, settings)) {
      queue.send(messages, () -> {});
      queue.await(messages.size(), broker);
    }
    queue.check(messages.size());
    add(queue.medianTimes(counted), samples);
  }

  private static String name(Case example) {
    return example.filter() + " " + example.size();
  }

  private void add(Map<String, Double> medians, Samples samples) {
    double all = 0;
    double allNative = 0;
    double worst = 0;
    for (var filter : filters()) {
      double guest = 0;
      double nativeBuild = 0;
      for (int i = 0; i < cases.size(); i++) {
        if (cases.get(i).filter().equals(filter)) {
          guest += medians.getOrDefault(name(cases.get(i)), Double.NaN);
          nativeBuild += nativeMicros.isEmpty() ? 0 : nativeMicros.get(i);
        }
      }
      samples.add(filter, guest);
      all += guest;
      allNative += nativeBuild;
      worst = Math.max(worst, guest / nativeBuild);
    }
    samples.add(ALL, all);
    if (!nativeMicros.isEmpty()) {
      samples.add("native", all / allNative);
      samples.add("native-worst", worst);
    }
  }

  @Override
  public void close() {
    queue.close();
  }
}
