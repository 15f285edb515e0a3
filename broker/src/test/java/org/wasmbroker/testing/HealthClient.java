package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.wasmbroker.app.Broker;

/** Asks a broker for its health and its metrics. */
public final class HealthClient implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final HttpClient client = HttpClient.newHttpClient();
  private final String address;

  private HealthClient(String address) {
    this.address = address;
  }

  public static HealthClient of(Broker broker) {
    return at(broker.httpAddress().getPort());
  }

  public static HealthClient at(int port) {
    return new HealthClient("http://127.0.0.1:" + port);
  }

  public int status(String path) {
    return get(path).statusCode();
  }

  /** The sum of the metrics whose names, with their labels, begin like this. */
  public double metric(String name) {
    return body("/metrics")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  public String body(String path) {
    return get(path).body();
  }

  private HttpResponse<String> get(String path) {
    var request = HttpRequest.newBuilder(URI.create(address + path)).timeout(LIMIT).build();
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
