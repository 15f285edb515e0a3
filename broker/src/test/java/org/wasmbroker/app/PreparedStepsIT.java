package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.HealthClient;
import org.wasmbroker.testing.TestDatabase;
import org.wasmbroker.testing.TestModules;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Steps of a queue whose module prepares, by a whole broker. */
class PreparedStepsIT {
  private static final String HANDLER = "prepared-configuration";

  @TempDir private Path folder;

  @Test
  void stepsOfAFewConfigurationsStartWithImagesAndEachGetsItsOwn() {
    TestModules.addGuest(folder, HANDLER);
    var expected = new HashMap<String, String>();
    var messages = new ArrayList<String>();
    for (int i = 0; i < 120; i++) {
      var id = UUID.randomUUID().toString();
      var configuration = i % 10 == 9 ? "{\"u\":1}" : "{\"a\":%d}".formatted(i % 3);
      expected.put(id, configuration);
      messages.add(
          "{\"step_uuid\":\"%s\",\"handler\":\"%s\",\"config\":%s,\"input\":{\"n\":%d}}"
              .formatted(id, HANDLER, configuration, i));
    }
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      queue.send(messages);
      try (var broker = Broker.start(config(database));
          var client = HealthClient.of(broker)) {
        queue.awaitResults(messages.size());
        var page = client.body("/metrics");
        assertThat(value(page, "wasm_broker_image_lookups_total{result=\"hit\"}"))
            .isGreaterThan(50);
        assertThat(value(page, "wasm_broker_image_lookups_total{result=\"failed\"}")).isPositive();
        assertThat(value(page, "wasm_broker_images ")).isEqualTo(4);
        assertThat(value(page, "wasm_broker_images_size_bytes")).isPositive();
        assertThat(value(page, "wasm_broker_images_limit_bytes"))
            .isEqualTo((double) RegistryConfig.DEFAULTS.imageBytes());
        assertThat(value(page, "wasm_broker_image_prepare_seconds_count")).isEqualTo(3);
        assertThat(value(page, "wasm_broker_image_prepare_failures_total{reason=\"trapped\"}"))
            .isPositive();
      }
      int prepared = 0;
      for (var result : results(database)) {
        var configuration = expected.remove(result.at("/step_uuid").stringValue());
        if ("{\"u\":1}".equals(configuration)) {
          assertThat(result.at("/error/error_type").asString("")).isEqualTo("trapped");
          assertThat(result.at("/error/message").asString("")).startsWith("in prepare: ");
        } else {
          assertThat(result.at("/result").toString()).isEqualTo(configuration);
          prepared += result.at("/metadata/custom/receipt/prepared").booleanValue() ? 1 : 0;
        }
      }
      assertThat(expected).isEmpty();
      assertThat(prepared).isGreaterThan(50);
    }
  }

  private static List<JsonNode> results(TestDatabase database) {
    return database.query("select message::text from pgmq.q_catalog_results").stream()
        .map(row -> JsonMapper.shared().readTree(String.valueOf(row)))
        .toList();
  }

  private static double value(String page, String series) {
    return page.lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(series + " is not in\n" + page));
  }

  private BrokerConfig config(TestDatabase database) {
    var base = BrokerConfigs.standalone(database.brokerConfig(), 2, Duration.ofMillis(300));
    return BrokerConfigs.with(
        base, base.registry().withDirectory(folder, base.registry().rescan()));
  }
}
