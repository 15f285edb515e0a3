package org.wasmbroker.cli;

import java.util.Map;
import java.util.function.Consumer;
import org.wasmbroker.app.McpService;
import org.wasmbroker.config.ConfigSources;
import org.wasmbroker.config.Configuration;

/** What the command {@code mcp} serves, without its streams. */
public final class McpServices {
  private McpServices() {}

  /**
   * Starts it.
   *
   * @param environment of the process
   * @param settings by key
   * @param problems gets why a handler or a source is left out
   */
  public static McpService start(
      Map<String, String> environment, Map<String, String> settings, Consumer<String> problems) {
    var config = Configuration.load(new ConfigSources(null, environment, settings)).broker();
    return McpService.start(config, McpCommand.handlers(config, problems));
  }
}
