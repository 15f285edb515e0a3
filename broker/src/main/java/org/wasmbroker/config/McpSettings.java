package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.mcp.McpConfig;
import org.wasmbroker.recording.HandlerPattern;

/** The settings {@code mcp.*}. */
final class McpSettings {
  private static final McpConfig DEFAULTS = McpConfig.DEFAULTS;
  private static final String NONE = "none";

  private static final SettingType<String> HANDLER =
      new SettingType<>(
          "pattern",
          "a handler's name with * for any characters",
          text -> SettingTypes.parsed(HandlerPattern::new, text).map(HandlerPattern::text),
          text -> text,
          SettingTypes::printable);
  private static final SettingType<String> NAME =
      new SettingType<>(
          "text",
          "a name as in the header, or none",
          text -> text.isBlank() ? Optional.empty() : Optional.of(text.strip()),
          text -> text,
          SettingTypes::printable);

  static final Setting<List<String>> TOOLS =
      Setting.of(
          "mcp.tools",
          SettingTypes.listOf(HANDLER),
          DEFAULTS.tools(),
          "Handlers that `wasm-broker mcp` offers as tools, of those that the policy lets run, with"
              + " `*` for any characters; see [agents.md](agents.md).",
          "transform,report-*");
  static final Setting<Integer> PAGE_SIZE =
      Setting.of(
          "mcp.page-size",
          SettingTypes.INTEGER,
          DEFAULTS.pageSize(),
          "Tools and resources in one page of a list; 1 to 1000.",
          "100");
  static final Setting<Integer> SEARCH_ABOVE =
      Setting.of(
          "mcp.search-above",
          SettingTypes.INTEGER,
          DEFAULTS.searchAbove(),
          "With more tools than this, there is a tool that searches them; 0 to 100000.",
          "0");
  static final Setting<Integer> CALLS =
      Setting.of(
          "mcp.calls",
          SettingTypes.INTEGER,
          DEFAULTS.calls(),
          "Calls of tools at once, those that wait to start among them; more are refused. How many"
              + " run is up to `dispatch.*`. 1 to 1024.",
          "4");
  static final Setting<Integer> MESSAGE =
      Setting.of(
          "mcp.message",
          QuantityTypes.INT_SIZE,
          DEFAULTS.messageBytes(),
          "Maximum size of a client's message; 1 KiB to 64 MiB.",
          "1MiB");
  static final Setting<Integer> RECEIPTS =
      Setting.of(
          "mcp.receipts",
          SettingTypes.INTEGER,
          DEFAULTS.receipts(),
          "Receipts of the latest calls that clients can read; 0 to 100000.",
          "100");
  static final Setting<Integer> SESSIONS =
      Setting.of(
          "mcp.sessions",
          SettingTypes.INTEGER,
          DEFAULTS.sessions(),
          "Sessions at once over HTTP; 1 to 10000.",
          "20");
  static final Setting<Duration> SESSION_IDLE =
      Setting.of(
          "mcp.session-idle",
          QuantityTypes.DURATION,
          DEFAULTS.sessionIdle(),
          "How long a session over HTTP is kept that nobody uses; 1 s to 24 h.",
          "5m");
  static final Setting<List<String>> HOSTS =
      Setting.of(
          "mcp.hosts",
          SettingTypes.listOf(NAME),
          List.of(NONE),
          "What the `Host` header may name, without a port, besides the loopback addresses; other"
              + " requests are refused, which keeps web pages from reaching the server by DNS"
              + " rebinding.",
          "tools.example.com");
  static final Setting<List<String>> ORIGINS =
      Setting.of(
          "mcp.origins",
          SettingTypes.listOf(NAME),
          List.of(NONE),
          "Values of the `Origin` header that are allowed besides those of loopback addresses;"
              + " requests of other web pages are refused.",
          "https://chat.example.com");
  static final Setting<Path> TOKEN_FILE =
      Setting.optional(
          "mcp.token-file",
          SettingTypes.PATH,
          "none: no token is asked for, which is allowed on loopback addresses only",
          "File with the bearer tokens that are accepted over HTTP, one a line, each of at least 16"
              + " characters; it is read again when it changes.",
          "/run/secrets/wasm-broker-mcp");
  static final List<Setting<?>> ALL =
      List.of(
          TOOLS,
          PAGE_SIZE,
          SEARCH_ABOVE,
          CALLS,
          MESSAGE,
          RECEIPTS,
          SESSIONS,
          SESSION_IDLE,
          HOSTS,
          ORIGINS,
          TOKEN_FILE);

  private McpSettings() {}

  static McpConfig read(SettingValues values) {
    return new McpConfig(
        values.get(TOOLS),
        values.get(PAGE_SIZE),
        values.get(SEARCH_ABOVE),
        values.get(CALLS),
        values.get(MESSAGE),
        values.get(RECEIPTS),
        values.get(SESSIONS),
        values.get(SESSION_IDLE),
        named(values.get(HOSTS)),
        named(values.get(ORIGINS)),
        values.find(TOKEN_FILE));
  }

  private static List<String> named(List<String> names) {
    return names.stream().filter(name -> !name.equals(NONE)).toList();
  }
}
