package org.wasmbroker.mcp;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an MCP server offers and allows.
 *
 * @param tools names of the handlers that are offered, of those that the policy lets run; {@code *}
 *     stands for any characters
 * @param pageSize how many tools or resources one page of a list has
 * @param searchAbove with more tools than this, there is a tool that searches them
 * @param calls how many calls of tools run or wait at once
 * @param messageBytes the largest message of a client
 * @param receipts how many receipts are kept
 * @param sessions how many sessions there are at once over HTTP
 * @param sessionIdle how long a session over HTTP is kept that nobody uses
 * @param hosts what the Host header of requests may name besides the loopback addresses
 * @param origins what the Origin header may be besides the server's own on loopback
 * @param tokenFile a file with the bearer tokens that are accepted, one a line; null to ask for
 *     none
 */
public record McpConfig(
    List<String> tools,
    int pageSize,
    int searchAbove,
    int calls,
    int messageBytes,
    int receipts,
    int sessions,
    Duration sessionIdle,
    List<String> hosts,
    List<String> origins,
    @Nullable Path tokenFile) {
  public static final McpConfig DEFAULTS =
      new McpConfig(
          List.of("*"),
          50,
          20,
          16,
          4 << 20,
          1000,
          100,
          Duration.ofMinutes(30),
          List.of(),
          List.of(),
          null);

  public McpConfig {
    tools = List.copyOf(tools);
    hosts = List.copyOf(hosts);
    origins = List.copyOf(origins);
    within("page-size", pageSize, 1, 1000);
    within("search-above", searchAbove, 0, 100_000);
    within("calls", calls, 1, 1024);
    within("receipts", receipts, 0, 100_000);
    within("sessions", sessions, 1, 10_000);
    if (messageBytes < 1 << 10 || messageBytes > 64 << 20) {
      throw new IllegalArgumentException(
          "mcp.message must be 1 KiB to 64 MiB, was " + messageBytes + " bytes");
    }
    if (sessionIdle.compareTo(Duration.ofSeconds(1)) < 0
        || sessionIdle.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "mcp.session-idle must be 1 s to 24 h, was " + sessionIdle);
    }
  }

  private static void within(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "mcp.%s must be %d to %d, was %d".formatted(name, min, max, value));
    }
  }
}
