package org.wasmbroker.app;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.Capability;
import org.wasmbroker.capability.SecretRequest;
import org.wasmbroker.registry.LoadedRelease;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.telemetry.micrometer.LoadedModule;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The modules that are loaded, for metrics. Each manifest is read once while it is. */
final class LoadedModules implements Supplier<List<LoadedModule>> {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int MAX_ERRORS = 20;

  private final Supplier<List<LoadedRelease>> loaded;
  private Map<ModuleId, LoadedModule> known = Map.of(); // guarded by this

  LoadedModules(Supplier<List<LoadedRelease>> loaded) {
    this.loaded = loaded;
  }

  @Override
  public synchronized List<LoadedModule> get() {
    var now = new HashMap<ModuleId, LoadedModule>();
    var releases = loaded.get();
    for (var release : releases) {
      var before = known.get(release.id());
      now.put(release.id(), before == null ? module(release) : before);
    }
    known = now;
    return releases.stream().map(release -> now.get(release.id())).distinct().toList();
  }

  private static LoadedModule module(LoadedRelease release) {
    var manifest = release.manifest();
    boolean http =
        calls(manifest, Capabilities.HTTP)
            || !manifest.capabilities().of(Capabilities.HTTP).isEmpty();
    boolean secrets =
        calls(manifest, Capabilities.SECRETS)
            || !manifest.capabilities().of(Capabilities.SECRETS).equals(SecretRequest.NONE);
    // any request may name a secret, whether or not the handler is to have one
    return new LoadedModule(
        release.id(),
        errors(manifest.errors()),
        http,
        http || secrets,
        manifest.capabilities().of(Capabilities.CACHE),
        !manifest.capabilities().of(Capabilities.FILES).directories().isEmpty());
  }

  private static boolean calls(Manifest manifest, Capability<?, ?, ?> capability) {
    return Capabilities.isAnyFunctionIn(manifest.capabilities().functions(), capability);
  }

  /** What is not as documented is passed over: it is of no use here, and of no harm. */
  private static Map<String, Boolean> errors(@Nullable Document declared) {
    var errors = new HashMap<String, Boolean>();
    for (var error : array(declared)) {
      if (errors.size() < MAX_ERRORS && error.path("type").isString()) {
        errors.put(error.path("type").stringValue(), error.path("retryable").asBoolean(false));
      }
    }
    return errors;
  }

  private static JsonNode array(@Nullable Document declared) {
    try {
      return JSON.readTree(declared == null ? new byte[] {'[', ']'} : declared.bytes());
    } catch (JacksonException notJson) {
      return JSON.createArrayNode();
    }
  }
}
