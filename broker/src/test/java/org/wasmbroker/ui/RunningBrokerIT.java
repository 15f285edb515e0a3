package org.wasmbroker.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerVersion;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.config.ConfigSources;
import org.wasmbroker.config.Configuration;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.json.JsonMapper;

/** A real broker tells what the playground shows. */
class RunningBrokerIT {
  @Test
  void aBrokerTellsItsStateItsStepsItsQueueAndItsModules() {
    try (var database = TestDatabase.create()) {
      var queue = new BrokerQueue(database);
      var config =
          Configuration.load(new ConfigSources(null, Map.of(), Map.of("log.level", "error")))
              .broker();
      try (var broker =
          Broker.start(
              BrokerConfigs.with(
                  config, database.brokerConfig(), new HttpConfig("127.0.0.1", 0)))) {
        queue.send(
            List.of(
                "{\"step_uuid\":\"00000000-0000-4000-8000-000000000001\",\"handler\":\"noop\",\"config\":{}}",
                "{\"step_uuid\":\"00000000-0000-4000-8000-000000000002\",\"handler\":\"no-such-handler\",\"max_attempts\":1,\"config\":{}}"));
        queue.awaitResults(2);
        var url = "http://127.0.0.1:" + broker.httpAddress().getPort();
        try (var running = new RunningBroker(url, Duration.ofMinutes(1), TimeSource.SYSTEM)) {
          var status = JsonMapper.shared().readTree(running.status().bytes());

          assertThat(status.path("problem").isMissingNode()).as(status.toString()).isTrue();
          assertThat(status.path("version").stringValue()).isEqualTo(BrokerVersion.text());
          assertThat(status.path("state").stringValue()).isIn("ready", "not ready");
          assertThat(status.path("completed").intValue()).isEqualTo(1);
          assertThat(status.path("failed").intValue()).isEqualTo(1);
          assertThat(status.path("slots").intValue()).isPositive();
          assertThat(status.path("in_flight").intValue()).isNotNegative();
          assertThat(
                  status.path("queues").valueStream().map(one -> one.path("queue").stringValue()))
              .contains(StandaloneConfig.DEFAULTS.queue().value());
          assertThat(
                  status
                      .path("modules")
                      .valueStream()
                      .map(one -> one.path("handler").stringValue()))
              .contains("noop");
        }
      }
    }
  }
}
