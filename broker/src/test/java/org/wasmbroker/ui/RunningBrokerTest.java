package org.wasmbroker.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.ManualTime;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RunningBrokerTest {
  private static final String READY = "/health/ready";
  private static final String METRICS = "/metrics";
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final String FIGURES =
      """
      # HELP wasm_broker_build_info The broker's version and the Java version it runs on; always 1.
      # TYPE wasm_broker_build_info gauge
      wasm_broker_build_info{java="25",version="1.2.3"} 1.0
      wasm_broker_slots 256.0
      wasm_broker_slots_in_use 3.0
      wasm_broker_steps_waiting 2.0
      wasm_broker_steps_total{error="none",handler="transform",outcome="completed"} 40.0
      wasm_broker_steps_total{error="none",handler="decide",outcome="completed"} 2.0
      wasm_broker_steps_total{error="trapped",handler="decide",outcome="failed"} 5.0
      wasm_broker_steps_total{error="busy",handler="decide",outcome="exhausted"} 1.0
      wasm_broker_steps_total{error="busy",handler="decide",outcome="retry"} 4.0
      wasm_broker_queue_depth{queue="steps"} 7.0
      wasm_broker_queue_depth{queue="more"} NaN
      wasm_broker_module_info{digest="abc",handler="transform",version="1.0.0"} 1.0
      """;

  /** What it answers by path: a status and a body. */
  private record Answer(int status, String body) {}

  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ManualTime time = new ManualTime();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    answers.put(READY, new Answer(200, "{\"status\":\"ready\",\"reasons\":[]}"));
    answers.put(METRICS, new Answer(200, FIGURES));
  }

  @AfterEach
  void stop() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    try (exchange) {
      var answer = answers.get(exchange.getRequestURI().getPath());
      if (answer == null) {
        closing.await(); // never answers while the test runs
        return;
      }
      var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private JsonNode status() {
    return status(url(), LONG);
  }

  private JsonNode status(String url, Duration timeout) {
    try (var broker = new RunningBroker(url, timeout, time)) {
      return read(broker);
    }
  }

  private static JsonNode read(RunningBroker broker) {
    return JsonMapper.shared().readTree(broker.status().bytes());
  }

  @Test
  void tellsItsStateAndFigures() {
    assertThat(status())
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"url":"%s","version":"1.2.3","state":"ready","reasons":[],
                     "in_flight":3,"slots":256,"waiting":2,"completed":42,"failed":6,"retried":4,
                     "queues":[{"queue":"steps","depth":7},{"queue":"more","depth":null}],
                     "modules":[{"handler":"transform","version":"1.0.0","digest":"abc"}]}
                    """
                        .formatted(url())));
  }

  @Test
  void tellsWhyItIsNotReady() {
    answers.put(
        READY,
        new Answer(503, "{\"status\":\"not ready\",\"reasons\":[\"database: \\u001b[2Jgone\"]}"));

    var status = status();

    assertThat(status.path("state").stringValue()).isEqualTo("not ready");
    assertThat(status.path("reasons").path(0).stringValue()).isEqualTo("database:  [2Jgone");
    assertThat(status.path("completed").intValue()).isEqualTo(42);
  }

  /** A Tasker worker answers in another form. */
  @Test
  void aStateWithoutReasonsHasNone() {
    answers.put(READY, new Answer(503, "not JSON"));

    assertThat(status().path("reasons").isEmpty()).isTrue();
  }

  @Test
  void whatCannotBeReachedIsToldWithWhatToDo() {
    var url = url();
    server.stop(0);

    var status = status(url, LONG);

    assertThat(status.propertyNames()).containsExactlyInAnyOrder("url", "problem");
    assertThat(status.path("problem").stringValue())
        .startsWith(url + " cannot be reached: ")
        .endsWith("is the broker running, and is this its http.port?");
  }

  @Test
  void whatDoesNotAnswerIsGivenUp() {
    answers.remove(METRICS);

    var status = status(url(), Duration.ofMillis(300));

    assertThat(status.path("problem").stringValue()).endsWith("did not answer within 300 ms");
    assertThat(status.has("version")).isFalse();
  }

  @Test
  void anotherServerIsNoBroker() {
    answers.put(METRICS, new Answer(200, "process_cpu_seconds_total 1.0\n"));
    assertThat(status().path("problem").stringValue()).endsWith("has no metrics of a broker");

    answers.put(READY, new Answer(404, ""));
    assertThat(status().path("problem").stringValue()).endsWith("answers 404: it is no broker");
  }

  @Test
  void anAnswerWithoutAnEndIsCutOff() {
    answers.put(METRICS, new Answer(200, FIGURES + "#".repeat(9 << 20)));

    assertThat(status().path("problem").stringValue()).contains("cannot be reached: ");
  }

  @Test
  void redirectsAreNotFollowed() {
    answers.put(READY, new Answer(302, ""));

    assertThat(status().path("problem").stringValue()).endsWith("answers 302: it is no broker");
  }

  @Test
  void isAskedOnceASecondHoweverManyPagesAsk() {
    try (var broker = new RunningBroker(url() + "/", LONG, time)) {
      var first = read(broker);
      answers.put(METRICS, new Answer(200, FIGURES.replace("40.0", "50.0")));

      assertThat(read(broker)).isEqualTo(first);
      assertThat(asked).hasValue(2);

      time.advance(Duration.ofSeconds(1));
      assertThat(read(broker).path("completed").intValue()).isEqualTo(52);
    }
  }

  @Test
  void linesThatAreNoSamplesArePassedOver() {
    answers.put(
        METRICS,
        new Answer(
            200,
            FIGURES
                + "wasm_broker_queue_depth{queue=\"half\n"
                + "wasm_broker_queue_depth{queue=\"a\\\"b\\\\\"} 1.0\n"
                + "wasm_broker_slots_in_use many\n"));

    var status = status();

    assertThat(status.path("queues").size()).isEqualTo(3);
    assertThat(status.path("queues").path(2).path("queue").stringValue()).isEqualTo("a\"b\\");
    assertThat(status.path("in_flight").intValue()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:9090",
        "ftp://127.0.0.1:9090",
        "http://user@127.0.0.1:9090",
        "http://127.0.0.1:9090/metrics",
        "http://127.0.0.1:9090/?a=b",
        "http://",
        "http://[",
        ""
      })
  void whatIsNoAddressIsRefused(String address) {
    assertThatThrownBy(() -> new RunningBroker(address, LONG, time))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("such as http://127.0.0.1:9090");
  }

  @Test
  void thePlaygroundServesItOnlyIfThereIsOne() {
    var nothing = new Status("1.2.3", null, List.of());
    try (var broker = new RunningBroker(url(), LONG, time)) {
      var without = new Playground(nothing, List.of());
      var with = new Playground(nothing, List.of(), broker);

      assertThat(without.find("/broker.json")).isEmpty();
      assertThat(with.find("/broker.json").orElseThrow().content().get().text())
          .contains("\"state\":\"ready\"");
      assertThat(with.find("/catalog.json").orElseThrow().content().get().text())
          .contains("\"broker\":\"" + url() + "\"");
    }
  }
}
