package org.wasmbroker.app;

import java.util.ArrayList;
import org.wasmbroker.registry.BundledModules;
import org.wasmbroker.registry.DirectoryModules;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.ModuleSource;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.telemetry.BrokerEvents;

/** The modules that this broker has: the operator's first, then those that came with it. */
public final class Modules {
  private Modules() {}

  /** A registry that was not started: it compiles a module when it is asked for it. */
  public static ModuleRegistry registry(
      Engine engine, Limits limits, RegistryConfig config, int moduleBytes, BrokerEvents events) {
    var sources = new ArrayList<ModuleSource>();
    if (config.directory() != null) {
      sources.add(new DirectoryModules(config.directory(), moduleBytes));
    }
    sources.add(new BundledModules());
    return new ModuleRegistry(engine, limits, sources, config.rescan(), events);
  }
}
