package org.wasmbroker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.egress.HttpProxy;

/** The settings {@code egress.*}. */
final class EgressSettings {
  private static final EgressConfig DEFAULTS = EgressConfig.DEFAULTS;

  static final Setting<HttpProxy> PROXY =
      Setting.optional(
          "egress.proxy",
          SettingTypes.PROXY,
          "none",
          "HTTP proxy for all guests' requests; it is used with CONNECT to the address that"
              + " the broker has checked.",
          "http://proxy.example.org:3128");
  static final Setting<Path> EXTRA_CA =
      Setting.optional(
          "egress.extra-ca",
          SettingTypes.PATH,
          "none",
          "File of additional CA certificates (PEM) that guests' requests trust besides"
              + " Java's own.",
          "/etc/ssl/private-ca.pem");
  static final Setting<Rate> RATE =
      Setting.optional(
          "egress.rate",
          SettingTypes.RATE,
          "none",
          "Maximum rate of requests by all guests of this broker.",
          "500/s");
  static final Setting<Rate> HANDLER_RATE =
      Setting.optional(
          "egress.handler-rate",
          SettingTypes.RATE,
          "none",
          "Maximum rate of requests by the steps of one handler. The policy can set an"
              + " additional rate for a destination.",
          "50/s");
  static final Setting<Integer> CONNECTIONS =
      Setting.of(
          "egress.connections",
          SettingTypes.INTEGER,
          DEFAULTS.connections(),
          "Maximum number of open connections; 1 to 10000.",
          "64");
  static final Setting<Integer> CONNECTIONS_PER_HOST =
      Setting.of(
          "egress.connections-per-host",
          SettingTypes.INTEGER,
          DEFAULTS.connectionsPerHost(),
          "Maximum number of open connections to one address of a host.",
          "16");
  static final Setting<Duration> CONNECT_TIMEOUT =
      Setting.of(
          "egress.connect-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.connectTimeout(),
          "Maximum time to connect to one address of a host; 1 ms to 10 min, and never more"
              + " than the request's own timeout.",
          "2s");
  static final Setting<Duration> IDLE_TIMEOUT =
      Setting.of(
          "egress.idle-timeout",
          QuantityTypes.DURATION,
          DEFAULTS.idleTimeout(),
          "Idle connections are closed after this time; 1 ms to 10 min.",
          "1m");
  static final List<Setting<?>> ALL =
      List.of(
          PROXY,
          EXTRA_CA,
          RATE,
          HANDLER_RATE,
          CONNECTIONS,
          CONNECTIONS_PER_HOST,
          CONNECT_TIMEOUT,
          IDLE_TIMEOUT);

  private EgressSettings() {}

  static EgressConfig read(SettingValues values) {
    return new EgressConfig(
        values.find(PROXY),
        values.find(EXTRA_CA),
        values.find(RATE),
        values.find(HANDLER_RATE),
        values.get(CONNECTIONS),
        values.get(CONNECTIONS_PER_HOST),
        values.get(CONNECT_TIMEOUT),
        values.get(IDLE_TIMEOUT));
  }
}
