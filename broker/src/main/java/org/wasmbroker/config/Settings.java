package org.wasmbroker.config;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** All settings. Defaults come from the stages' config records, which also check the ranges. */
final class Settings {
  /** Every setting, in the order of docs/configuration.md. */
  static final List<Setting<?>> ALL =
      Stream.of(
              DatabaseSettings.ALL,
              ProtocolSettings.ALL,
              QueueSettings.ALL,
              TaskerSettings.ALL,
              IntakeSettings.ALL,
              DispatchSettings.ALL,
              ReportSettings.ALL,
              LimitSettings.ALL,
              EgressSettings.ALL,
              PolicySettings.ALL,
              EngineSettings.ALL,
              RegistrySettings.ALL,
              OciSettings.ALL,
              RolloutSettings.ALL,
              SecretSettings.ALL,
              CacheSettings.ALL,
              FilesSettings.ALL,
              McpSettings.ALL,
              RecordSettings.ALL,
              HttpSettings.ALL,
              LogSettings.ALL,
              TraceSettings.ALL)
          .<Setting<?>>flatMap(List::stream)
          .toList();

  /** The keys of settings that accept several values. */
  static final Set<String> LISTS =
      Set.of(
          TaskerSettings.NAMESPACES.key(),
          TaskerSettings.QUEUES.key(),
          OciSettings.REPOSITORIES.key(),
          OciSettings.PLAIN_HTTP.key(),
          OciSettings.MIRRORS.key(),
          RecordSettings.HANDLERS.key(),
          McpSettings.TOOLS.key(),
          McpSettings.HOSTS.key(),
          McpSettings.ORIGINS.key());

  private Settings() {}
}
