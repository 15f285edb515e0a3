package org.wasmbroker.hostile;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.config.ConfigSources;
import org.wasmbroker.config.Configuration;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole broker on a queue in Postgres; each step has one attempt. */
final class QueueWay implements WayIn {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String RESULTS =
      "select message::text from pgmq.q_" + StandaloneConfig.DEFAULTS.results();

  private final TestDatabase database = TestDatabase.create();
  private final BrokerQueue queue = new BrokerQueue(database);
  private final Broker broker;

  QueueWay(Map<String, String> settings) {
    var config = Configuration.load(new ConfigSources(null, Map.of(), settings)).broker();
    broker =
        Broker.start(
            BrokerConfigs.with(config, database.brokerConfig(), new HttpConfig("127.0.0.1", 0)));
  }

  @Override
  public Map<String, Ending> run(List<Request> requests) {
    var labels = new HashMap<String, String>();
    queue.send(
        requests.stream()
            .map(
                request -> {
                  var id = UUID.randomUUID().toString();
                  labels.put(id, request.label());
                  return message(id, request);
                })
            .toList());
    queue.awaitResults(requests.size());
    var endings = new HashMap<String, Ending>();
    for (var row : database.query(RESULTS)) {
      var result = JSON.readTree(String.valueOf(row));
      var label = labels.get(result.path("step_uuid").asString(""));
      endings.put(Objects.requireNonNull(label), ending(result));
    }
    return endings;
  }

  private static String message(String id, Request request) {
    return """
    {"step_uuid":"%s","handler":"%s","max_attempts":1,"config":%s,"input":%s}"""
        .formatted(id, request.handler(), request.config(), request.context());
  }

  private static Ending ending(JsonNode result) {
    var document = JSON.createObjectNode();
    document.set("status", result.path("status"));
    if (result.path("success").asBoolean(false)) {
      document.set("result", result.path("result"));
    } else {
      document.set("error", result.path("error"));
      document.putObject("metadata").set("error_code", result.path("metadata").path("error_code"));
    }
    return Ending.of(document, result.path("metadata").path("custom").path("receipt"));
  }

  @Override
  public void close() {
    broker.close();
    database.close();
  }
}
