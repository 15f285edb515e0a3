package org.wasmbroker.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.Catalog.Services;
import org.wasmbroker.registry.compiled.CompiledModules;
import org.wasmbroker.registry.image.PreparedImages;
import org.wasmbroker.registry.index.Offer;
import org.wasmbroker.registry.load.Candidate;
import org.wasmbroker.registry.load.LoadQueue;
import org.wasmbroker.registry.load.LoadResult;
import org.wasmbroker.registry.load.ReleaseLoader;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;

/**
 * The modules in service: takes what the sources offer, loads what will be needed, and replaces one
 * catalog by the next. A module leaves service before it is freed. Thread-safe; looking up what is
 * known takes no lock.
 */
final class ModuleService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModuleService.class);
  private static final int MAX_LOST = 1000;

  /** What still waits for a source is left to itself. */
  private static final Duration LAST_LOADS = Duration.ofSeconds(5);

  private final CompiledModules compiled;
  private final ReleaseLoader loader;
  private final Runnable loaded;
  private final LoadQueue queue = new LoadQueue(this::loaded);
  private final Set<HandlerRef> lost = ConcurrentHashMap.newKeySet();
  private final Map<HandlerRef, Candidate> recovering = new ConcurrentHashMap<>();
  private final Services services;
  private final ReentrantLock updating = new ReentrantLock(); // never held while loading or listing
  private volatile Catalog catalog; // written by updating
  private volatile boolean background;
  private volatile Set<HandlerRef> prepared = Set.of();

  // All below is guarded by updating.
  private final Retired retired;
  private final Map<ReleaseId, Candidate> replacements = new HashMap<>();

  /**
   * @param loaded is called when something was loaded that {@link #update} can put into service
   */
  ModuleService(
      Engine engine,
      Policy policy,
      TrustCheck trust,
      PreparedImages images,
      Duration keepRetired,
      Runnable loaded,
      EventSink events) {
    this.compiled = new CompiledModules(engine, images, events);
    this.loader = new ReleaseLoader(engine, compiled, policy, trust, events);
    this.retired = new Retired(keepRetired);
    this.loaded = loaded;
    this.services = new Services(loader, retired, queue::add, this::reload);
    this.catalog = new Catalog(Map.of(), policy, services);
  }

  /** The resolution if nothing has to be loaded for it, else null. */
  @Nullable Resolution known(HandlerRef ref) {
    return catalog.known(ref);
  }

  Resolution current(HandlerRef ref) {
    return catalog.current(ref);
  }

  boolean serves(HandlerRef ref) {
    return catalog.serves(ref);
  }

  /** Whether the reference can be served at once. */
  boolean isUsable(HandlerRef ref) {
    return catalog.known(ref) instanceof Resolution.Resolved;
  }

  /** Whether a module was looked for by its digest and is nowhere. */
  boolean isLost(HandlerRef exact) {
    return !lost.isEmpty() && lost.contains(exact);
  }

  List<ReleaseStatus> describe() {
    return catalog.all().stream().map(ReleaseStatus::of).toList();
  }

  /** The modules that steps may run, with those that left service and are kept. */
  List<LoadedRelease> loaded() {
    return Stream.concat(catalog.all().stream(), retired.all().stream())
        .flatMap(candidate -> LoadedRelease.of(candidate).stream())
        .distinct()
        .toList();
  }

  /**
   * What a reference gets that names a digest which no release has any more, if a source still has
   * the module; else null. The module is kept like those that left service.
   */
  @Nullable Resolution recover(HandlerRef exact, List<ModuleSource> sources) {
    var module = Catalog.exactly(exact);
    if (module == null || isLost(exact)) {
      return null;
    }
    var found = recovering.computeIfAbsent(exact, _ -> former(exact.name(), module, sources));
    if (found == null) {
      return null;
    }
    LoadResult loaded;
    try (var _ = queue.demand()) {
      loaded = found.load();
    }
    if (recovering.remove(exact, found)) {
      updating.lock();
      try {
        retired.add(found, System.nanoTime());
      } finally {
        updating.unlock();
      }
    }
    return switch (loaded) {
      case LoadResult.Usable _ -> catalog.resolve(exact);
      case LoadResult.Broken broken -> broken.mayPass() ? null : Catalog.refused(broken);
    };
  }

  private @Nullable Candidate former(String handler, Digest module, List<ModuleSource> sources) {
    for (var source : sources) {
      var former = source.former(handler, module).orElse(null);
      if (former != null) {
        return new Candidate(new Offer(former.list().getFirst(), former), loader);
      }
    }
    return null;
  }

  /** Loads what has to be loaded for it. */
  Resolution resolve(HandlerRef ref) {
    Resolution resolution;
    try (var _ = queue.demand()) {
      resolution = catalog.resolve(ref);
    }
    if (resolution instanceof Resolution.Unknown
        && Catalog.isExact(ref)
        && lost.size() < MAX_LOST) {
      lost.add(ref);
    }
    return resolution;
  }

  /** Steps are about to come: what is loaded without being asked gives way to their modules. */
  void expectSteps() {
    queue.expectSteps();
  }

  /** From now on loads what will be needed without being asked. */
  void loadInBackground() {
    background = true;
    queueLoads();
  }

  /** Has these loaded, whenever a source offers them. */
  void prepare(Set<HandlerRef> references) {
    prepared = Set.copyOf(references);
    queueLoads();
  }

  /**
   * Takes what the sources offer now, and the replacements that were loaded.
   *
   * @param offers asked with the lock, so that nothing older is taken later
   */
  void update(Supplier<Map<ReleaseId, Offer>> offers) {
    List<Candidate> removed;
    updating.lock();
    try {
      long now = System.nanoTime();
      var update = new ServiceUpdate(offers.get(), catalog, replacements, loader);
      var ended = update.ended();
      removed = ended.stream().filter(update::isRemoved).toList();
      ended.forEach(candidate -> retired.add(candidate, now));
      var old = retired.removeOld(now);
      if (update.isChange() || !old.isEmpty()) {
        replaceCatalog(update.next(), catalog.policy());
      }
      old.forEach(Candidate::retire);
    } finally {
      updating.unlock();
    }
    removed.forEach(ModuleService::logRemoved);
    queueLoads();
  }

  private void replaceCatalog(Map<ReleaseId, Candidate> candidates, Policy policy) {
    catalog = new Catalog(candidates, policy, services);
    lost.clear();
  }

  private void queueLoads() {
    List<Candidate> open;
    updating.lock();
    try {
      open = List.copyOf(replacements.values());
    } finally {
      updating.unlock();
    }
    open.forEach(queue::add);
    if (background) {
      catalog.all().stream().filter(catalog::isLikelyNeeded).forEach(queue::add);
    }
    for (var reference : prepared) {
      catalog.newest(reference).ifPresent(queue::add);
    }
  }

  /** By the thread that waited for a load. */
  private void loaded(Candidate candidate) {
    if (catalog.candidates().get(candidate.id()) != candidate) {
      loaded.run(); // it replaces another one
    }
  }

  /** Another attempt at what could not be used, such as a file that was still being copied. */
  void retryBroken() {
    long now = System.nanoTime();
    for (var candidate : catalog.all()) {
      if (candidate.problem() != null && candidate.isRetryDue(now)) {
        reload(candidate);
      }
    }
  }

  private void reload(Candidate candidate) {
    updating.lock();
    try {
      replacements.putIfAbsent(candidate.id(), candidate.retry());
    } finally {
      updating.unlock();
    }
    queueLoads();
  }

  void apply(Policy policy) {
    loader.apply(policy);
    var reloaded = new HashMap<Candidate, Candidate>();
    for (var candidate : catalog.all()) {
      if (hasToBeReloaded(candidate, policy)) {
        var fresh = candidate.retry();
        var _ = fresh.load();
        reloaded.put(candidate, fresh);
      }
    }
    replace(reloaded, policy);
    catalog.all().stream()
        .filter(candidate -> candidate.problem() != null && candidate.source().isRemote())
        .forEach(this::reload);
  }

  private boolean hasToBeReloaded(Candidate candidate, Policy policy) {
    return switch (candidate.resultIfLoaded()) {
      case null -> false;
      case LoadResult.Broken _ -> !candidate.source().isRemote();
      case LoadResult.Usable usable -> !loader.fits(usable, usable.manifest().grants(policy));
    };
  }

  /** Puts other candidates in the place of some, and frees those. */
  private void replace(Map<Candidate, Candidate> replaced, @Nullable Policy policy) {
    updating.lock();
    try {
      var next = new HashMap<>(catalog.candidates());
      var freed = new ArrayList<Candidate>();
      replaced.forEach((old, fresh) -> freed.add(next.replace(old.id(), old, fresh) ? old : fresh));
      replaceCatalog(next, policy == null ? catalog.policy() : policy);
      freed.forEach(Candidate::retire);
    } finally {
      updating.unlock();
    }
  }

  /** What is not trusted any more is out of service when this returns. */
  void trustChanged() {
    var refused = new HashMap<Candidate, Candidate>();
    for (var candidate : catalog.all()) {
      if (candidate.resultIfLoaded() instanceof LoadResult.Usable usable) {
        var distrust = loader.distrust(candidate.offer(), usable);
        if (distrust != null) {
          refused.put(candidate, candidate.refused(distrust));
        }
      }
    }
    List<Candidate> untrusted;
    updating.lock();
    try {
      untrusted = retired.removeIf(this::isDistrusted);
    } finally {
      updating.unlock();
    }
    if (!refused.isEmpty() || !untrusted.isEmpty()) {
      replace(refused, null);
      untrusted.forEach(Candidate::retire);
    }
    catalog.all().stream().filter(Candidate::isDistrusted).forEach(this::reload);
  }

  private boolean isDistrusted(Candidate candidate) {
    return candidate.resultIfLoaded() instanceof LoadResult.Usable usable
        && loader.distrust(candidate.offer(), usable) != null;
  }

  /** Asks a source whether what was loaded from it is still what it has. */
  void checkContents(ModuleSource source) {
    catalog.all().stream()
        .filter(candidate -> candidate.isFrom(source))
        .forEach(Candidate::checkContent);
  }

  /** Waits until everything that will be needed is loaded. */
  void awaitLoads() {
    queue.awaitEmpty(Duration.ofHours(1));
  }

  private static void logRemoved(Candidate candidate) {
    log.atInfo()
        .addKeyValue("handler", candidate.id().handler())
        .addKeyValue("version", candidate.id().version())
        .addKeyValue("source", candidate.source().location())
        .log("module was removed from its source; it serves no new steps");
  }

  /** Ends the compilations in progress, and begins no other. */
  void stop() {
    queue.close();
    loader.stop();
    compiled.stop();
  }

  /** Frees every module, once no run uses it. */
  @Override
  public void close() {
    stop();
    queue.awaitEmpty(LAST_LOADS);
    compiled.close();
  }
}
