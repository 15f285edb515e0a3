package org.wasmbroker.bench.compare;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Reads metrics of a running broker in Prometheus' text form. */
final class BrokerMetrics {
  private BrokerMetrics() {}

  /** The sum of a metric over all of its labels; 0 if there is none. */
  static double sum(int port, String name) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(request, BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }
}
