package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.telemetry.TagLimiter;

/**
 * The meters of each handler. The tag {@code handler} is the name of a module that was loaded:
 * names in messages can be anything, and would create time series without bound. The series of a
 * handler and of a version appear with 0 when it is loaded, and go with it.
 */
final class HandlerTable {
  static final String NO_HANDLER = "none";

  private static final int MAX_HANDLERS = 200;
  private static final int MAX_VERSIONS = 500;
  private static final int MAX_RULES = 300;

  private final MeterRegistry registry;
  private final KnownValues known;
  private final TagLimiter tags = new TagLimiter(MAX_HANDLERS, Set.of(NO_HANDLER));
  private final TagLimiter rules = new TagLimiter(MAX_RULES, Set.of());
  private final Semaphore room = new Semaphore(MAX_VERSIONS);
  private final ConcurrentHashMap<String, HandlerMeters> byTag = new ConcurrentHashMap<>();
  private final Map<ModuleId, Meter> info = new HashMap<>(); // guarded by this

  HandlerTable(MeterRegistry registry, KnownValues known) {
    this.registry = registry;
    this.known = known;
    of(NO_HANDLER).expectNoModule();
  }

  /** The policy's rules as tags, shared by whatever has them. */
  TagLimiter rules() {
    return rules;
  }

  /**
   * @param module of which a step tells; null if none ran
   */
  HandlerMeters of(@Nullable ModuleId module) {
    return of(module == null ? NO_HANDLER : module.handler());
  }

  private HandlerMeters of(String handler) {
    var existing = byTag.get(handler);
    return existing == null ? byTag.computeIfAbsent(tags.limit(handler), this::metersOf) : existing;
  }

  private HandlerMeters metersOf(String tag) {
    return new HandlerMeters(registry, tag, known, rules, room);
  }

  /** Exactly these modules are loaded now: has their series, and removes those of all others. */
  synchronized void loaded(Collection<LoadedModule> modules) {
    removeAllBut(modules);
    for (var module : modules) {
      of(module.id()).expect(module);
      if (info.size() < MAX_VERSIONS) {
        info.computeIfAbsent(module.id(), this::infoOf);
      }
    }
  }

  private void removeAllBut(Collection<LoadedModule> modules) {
    var versions = new HashMap<String, Set<String>>();
    var ids = new HashSet<ModuleId>();
    for (var module : modules) {
      ids.add(module.id());
      versions
          .computeIfAbsent(module.id().handler(), _ -> new HashSet<>())
          .add(module.id().version());
    }
    for (var id : List.copyOf(info.keySet())) {
      var gone = ids.contains(id) ? null : info.remove(id);
      if (gone != null) {
        registry.remove(gone);
      }
    }
    byTag.forEach(
        (tag, meters) -> {
          var kept = versions.get(tag);
          if (kept != null) {
            meters.keepVersions(kept);
          } else if (!tag.equals(NO_HANDLER) && !tag.equals(TagLimiter.OTHER)) {
            remove(tag);
          }
        });
  }

  /** Whoever needs the handler again meanwhile gets new series, not those that are going. */
  private void remove(String tag) {
    byTag.computeIfPresent(
        tag,
        (_, meters) -> {
          meters.remove();
          return null;
        });
    tags.release(tag);
  }

  private Meter infoOf(ModuleId module) {
    return Gauge.builder("wasm.broker.module.info", () -> 1)
        .description("A loaded module, by handler, version and digest; always 1.")
        .tag("handler", tags.limit(module.handler()))
        .tag("version", module.version())
        .tag("digest", module.digest().hex())
        .register(registry);
  }
}
