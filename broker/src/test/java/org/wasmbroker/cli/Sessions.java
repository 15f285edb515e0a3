package org.wasmbroker.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.CommandService;
import org.wasmbroker.app.SessionCommands;
import org.wasmbroker.config.ConfigSources;
import org.wasmbroker.config.Configuration;
import org.wasmbroker.session.SessionClient;
import org.wasmbroker.session.SessionLimits;

/**
 * What the command {@code session} serves, with a client in place of its streams.
 *
 * @param changes has a permit for each change of the policy or the approvals that is in force
 */
public record Sessions(CommandService service, SessionClient client, Semaphore changes)
    implements AutoCloseable {
  /**
   * Starts one.
   *
   * @param settings by key
   * @param fileBytes what its files may have together
   * @param fileEntries the same in files and directories
   * @param problems gets why a handler or a source is left out
   */
  public static Sessions start(
      Map<String, String> settings, long fileBytes, int fileEntries, Consumer<String> problems) {
    var config = config(settings);
    return of(new CommandService(config), config, fileBytes, fileEntries, problems);
  }

  /** The same with little room for files, and metrics on any free port. */
  static Sessions startWithMetrics(Map<String, String> settings, Consumer<String> problems) {
    var withPort = new HashMap<>(settings);
    withPort.put("http.port", "0");
    var config = config(withPort);
    return of(CommandService.startWithMetrics(config), config, 1 << 20, 100, problems);
  }

  private static BrokerConfig config(Map<String, String> settings) {
    return Configuration.load(new ConfigSources(null, Map.of(), settings)).broker();
  }

  private static Sessions of(
      CommandService service,
      BrokerConfig config,
      long fileBytes,
      int fileEntries,
      Consumer<String> problems) {
    var limits = limits(config, fileBytes, fileEntries);
    var commands =
        new SessionCommands(service, _ -> true, SessionCommand.installed(config, problems), limits);
    var changes = new Semaphore(0);
    service.follow(
        () -> {
          commands.changed();
          changes.release();
        });
    return new Sessions(
        service,
        new SessionClient(commands, limits, config.engine().threadStackBytes(), service.events()),
        changes);
  }

  /** A page of metrics and health. */
  String page(String path) throws IOException {
    var at = Objects.requireNonNull(service.metricsAddress());
    var uri = URI.create("http://127.0.0.1:" + at.getPort() + path);
    try (var in = uri.toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Waits for the next change of the policy or the approvals. */
  void awaitChange() throws InterruptedException {
    if (!changes.tryAcquire(1, TimeUnit.MINUTES)) {
      throw new AssertionError("the change was not followed");
    }
  }

  private static SessionLimits limits(BrokerConfig config, long fileBytes, int fileEntries) {
    return new SessionLimits(
        fileBytes,
        fileEntries,
        64 << 10,
        config.limits().outputBytes(),
        1 << 20,
        4,
        config.limits().time());
  }

  @Override
  public void close() {
    client.close();
    service.close();
  }
}
