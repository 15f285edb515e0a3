package org.wasmbroker.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.ModuleRegistry.Parts;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.registry.route.RolloutRules;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.registry.source.OciModules;
import org.wasmbroker.registry.source.OciSources;
import org.wasmbroker.registry.store.ModuleStore;
import org.wasmbroker.registry.store.StoreConfig;
import org.wasmbroker.registry.store.StoredModules;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;

/** The modules of this broker: the operator's first, then the bundled ones. */
public final class Modules {
  private Modules() {}

  /**
   * A registry that is not started: it compiles modules on demand. What the policy demands of
   * modules holds here as well, with the approvals as they are now.
   */
  public static ModuleRegistry registry(
      Engine engine, Policy policy, RegistryConfig config, int moduleBytes, EventSink events) {
    var trust = TrustPolicy.now(policy.trust(), config.approvals());
    return registry(engine, policy, config, moduleBytes, trust, RolloutRules.NONE, events);
  }

  /** A registry that is not started: it compiles modules on demand. */
  public static ModuleRegistry registry(
      Engine engine,
      Policy policy,
      RegistryConfig config,
      int moduleBytes,
      TrustCheck trust,
      RolloutRules rollout,
      EventSink events) {
    return new ModuleRegistry(
        engine,
        policy,
        new Parts(
            sources(config, moduleBytes),
            trust,
            rollout,
            config.rescan(),
            Parts.KEEP_RETIRED,
            config.imageBytes()),
        events);
  }

  /** The sources of modules, in order of precedence. */
  public static List<ModuleSource> sources(RegistryConfig config, int moduleBytes) {
    var sources = new ArrayList<ModuleSource>();
    if (config.directory() != null) {
      sources.add(new DirectoryModules(config.directory(), moduleBytes));
    }
    sources.addAll(remote(config.oci(), moduleBytes));
    sources.add(new BundledModules());
    return stored(sources, config.store());
  }

  private static List<OciModules> remote(OciSources config, int moduleBytes) {
    if (config.repositories().isEmpty()) {
      return List.of();
    }
    var client = new RegistryClient(config.client(), ProcessText.environment());
    return config.repositories().stream()
        .map(repository -> new OciModules(repository, client, moduleBytes, TimeSource.SYSTEM))
        .toList();
  }

  /** What comes over a network is kept on this machine. */
  private static List<ModuleSource> stored(List<ModuleSource> sources, StoreConfig config) {
    var store =
        sources.stream().anyMatch(ModuleSource::isRemote)
            ? ModuleStore.open(config)
            : Optional.<ModuleStore>empty();
    return store
        .map(
            kept ->
                sources.stream()
                    .map(source -> source.isRemote() ? new StoredModules(source, kept) : source)
                    .toList())
        .orElseGet(() -> List.copyOf(sources));
  }
}
