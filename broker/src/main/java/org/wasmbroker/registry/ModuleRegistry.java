package org.wasmbroker.registry;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;

/**
 * Finds the module for a step.
 *
 * <p>A reference that has been resolved before costs one lookup. {@link #start} lists the sources
 * and compiles every module in the background; whoever needs a module earlier compiles it, and
 * others wait for it. The sources are listed again at an interval: a new version is compiled before
 * it serves steps, and a broken one is retried. A reference that matches no known module triggers a
 * listing at once, at most a few times a second, so that a module that was just added is found by
 * the first step that needs it. Steps of known modules never wait for a source, however slow it is.
 * If several sources have the same version, the first one wins. A loaded module stays loaded until
 * the broker stops, whatever happens to its file, unless a policy grants it more memory than it was
 * compiled for; one that was removed from its source serves no new steps.
 */
public final class ModuleRegistry implements HandlerResolver, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModuleRegistry.class);
  private static final int LOADERS = 4;
  private static final long MIN_RESCAN_INTERVAL_NANOS = Duration.ofMillis(250).toNanos();

  private final List<ModuleSource> sources;
  private final Duration rescan;
  private final ModuleLoader loader;
  private final ReentrantLock publishing = new ReentrantLock(); // never held while listing
  private final TaskLoop loop = new TaskLoop("registry", this::loadOrRefresh);
  private final Map<ModuleSource, String> sourceProblems = new ConcurrentHashMap<>();
  private final AtomicLong scans = new AtomicLong();
  private final AtomicReference<@Nullable CompletableFuture<@Nullable Void>> requestedScan =
      new AtomicReference<>();
  private long publishedScan; // by publishing
  private volatile @Nullable Long lastScanNanos;
  private volatile Catalog catalog; // written by publishing
  private boolean preloaded; // of the loop's thread

  /**
   * @param policy in effect until another one is applied
   * @param sources the module sources, in order of precedence
   * @param rescan how often the sources are listed again
   */
  public ModuleRegistry(
      Engine engine, Policy policy, List<ModuleSource> sources, Duration rescan, EventSink events) {
    this.sources = List.copyOf(sources);
    this.rescan = rescan;
    this.loader = new ModuleLoader(engine, policy, events);
    this.catalog = new Catalog(Map.of(), policy);
  }

  /** Lists the sources, then compiles in the background. */
  public synchronized void start() {
    if (loop.isStarted() || loop.isStopped()) {
      throw new IllegalStateException("a registry can be started only once");
    }
    scan(Map.of());
    loop.start();
  }

  @Override
  public Resolution resolve(HandlerRef ref) {
    var known = catalog.known(ref);
    if (known != null) {
      return known;
    }
    if (!catalog.serves(ref)) {
      rescanIfStale();
    }
    return catalog.resolve(ref);
  }

  @Override
  public @Nullable Resolution cached(HandlerRef ref) {
    return catalog.known(ref);
  }

  @Override
  public Resolution current(HandlerRef ref) {
    return catalog.current(ref);
  }

  /**
   * Applies a policy to the steps that start from now on. Modules that it grants more memory are
   * recompiled first, and broken ones are retried.
   */
  public void apply(Policy policy) {
    loader.apply(policy);
    var reloaded = new HashMap<Candidate, Candidate>();
    for (var candidate : catalog.candidatesToReload(policy)) {
      var fresh = candidate.retry();
      fresh.load();
      reloaded.put(candidate, fresh);
    }
    publishing.lock();
    try {
      catalog = catalog.withPolicy(policy, reloaded);
    } finally {
      publishing.unlock();
    }
  }

  /** Whether the latest listing has a module for it; loads nothing. */
  public boolean serves(HandlerRef ref) {
    return catalog.serves(ref);
  }

  /** The names of all handlers that the sources have. */
  public Set<String> handlers() {
    return catalog.all().stream()
        .map(candidate -> candidate.id().handler())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Every module of every source, by handler, the newest version first. */
  public List<ModuleStatus> describe() {
    return catalog.all().stream().map(ModuleStatus::of).toList();
  }

  /** Loads every module that is not loaded yet. */
  void preload() {
    loadAll(catalog.all());
  }

  /** Lists the sources; what is new or was broken is loaded before it can be resolved. */
  void refresh() {
    var prepared = new HashMap<ReleaseId, Candidate>();
    for (var listed : list().values()) {
      var current = catalog.candidate(listed.id());
      if (current == null || !current.isFrom(listed.source())) {
        prepared.put(listed.id(), listed);
      } else if (current.problem() != null) {
        prepared.put(listed.id(), current.retry());
      } else {
        prepared.put(listed.id(), current);
      }
    }
    loadAll(prepared.values());
    scan(prepared);
  }

  /** Loads a few at once, so that one that takes long to compile does not hold up all others. */
  private void loadAll(Collection<Candidate> candidates) {
    var waiting = new ConcurrentLinkedQueue<>(candidates);
    Runnable load =
        () -> {
          for (var next = waiting.poll();
              next != null && !loop.isStopped();
              next = waiting.poll()) {
            next.load();
          }
        };
    var threads =
        IntStream.range(0, Math.min(LOADERS, candidates.size()))
            .mapToObj(i -> Thread.ofVirtual().name("module-loader-" + (i + 1)).start(load))
            .toList();
    threads.forEach(Threads::joinUninterruptibly);
  }

  private Duration loadOrRefresh() {
    if (preloaded) {
      refresh();
    } else {
      preloaded = true;
      preload();
    }
    return rescan;
  }

  /** One of the threads that need it lists the sources; the others wait for its listing. */
  private void rescanIfStale() {
    var mine = new CompletableFuture<@Nullable Void>();
    var running = requestedScan.compareAndExchange(null, mine);
    if (running != null) {
      running.join();
      return;
    }
    try {
      var last = lastScanNanos;
      if (last == null || System.nanoTime() - last > MIN_RESCAN_INTERVAL_NANOS) {
        scan(Map.of());
      }
    } finally {
      requestedScan.set(null);
      mine.complete(null);
    }
  }

  /**
   * Lists the sources and publishes what is there. Sources may be slow, so they are listed without
   * a lock, and a listing that began before the one that was published last is dropped.
   */
  private void scan(Map<ReleaseId, Candidate> prepared) {
    long scan = scans.incrementAndGet();
    publish(scan, list(), prepared).forEach(ModuleRegistry::logRemoved);
  }

  /** Puts the listed modules into service; returns those that no source has any more. */
  private List<Candidate> publish(
      long scan, Map<ReleaseId, Candidate> listed, Map<ReleaseId, Candidate> prepared) {
    publishing.lock();
    try {
      if (scan < publishedScan) {
        return List.of();
      }
      publishedScan = scan;
      lastScanNanos = System.nanoTime();
      listed.replaceAll((id, candidate) -> choose(candidate, prepared.get(id)));
      if (catalog.hasCandidates(listed)) {
        return List.of();
      }
      var removed =
          catalog.all().stream().filter(candidate -> !listed.containsKey(candidate.id())).toList();
      catalog = new Catalog(listed, catalog.policy());
      return removed;
    } finally {
      publishing.unlock();
    }
  }

  /** What is in service stays, unless it is broken and a retry had another result. */
  private Candidate choose(Candidate listed, @Nullable Candidate prepared) {
    var current = catalog.candidate(listed.id());
    if (prepared != null && !prepared.isFrom(listed.source())) {
      prepared = null;
    }
    if (current == null || (prepared != null && !current.isFrom(listed.source()))) {
      return prepared == null ? added(listed) : prepared;
    }
    var problem = current.problem();
    return problem == null || prepared == null || problem.equals(prepared.problem())
        ? current
        : prepared;
  }

  private Candidate added(Candidate listed) {
    if (catalog.hasHandler(listed.id().handler())) {
      listed.markUpgrade();
    }
    return listed;
  }

  private Map<ReleaseId, Candidate> list() {
    var found = new LinkedHashMap<ReleaseId, Candidate>();
    for (var source : sources) {
      for (var id : idsOf(source)) {
        found.putIfAbsent(id, new Candidate(id, source, loader, null));
      }
    }
    return found;
  }

  /** The releases of a source; one that cannot be read keeps those it had. */
  private List<ReleaseId> idsOf(ModuleSource source) {
    try {
      var ids = source.list().stream().map(Release::id).toList();
      if (sourceProblems.remove(source) != null) {
        log.atInfo().addKeyValue("source", source.location()).log("modules can be listed again");
      }
      return ids;
    } catch (ModuleSourceException problem) {
      var message = String.valueOf(problem.getMessage());
      if (!message.equals(sourceProblems.put(source, message))) {
        log.atError().addKeyValue("source", source.location()).log(message);
      }
      return catalog.all().stream()
          .filter(candidate -> candidate.isFrom(source))
          .map(Candidate::id)
          .toList();
    }
  }

  private static void logRemoved(Candidate candidate) {
    log.atInfo()
        .addKeyValue("handler", candidate.id().handler())
        .addKeyValue("version", candidate.id().version())
        .addKeyValue("source", candidate.source().location())
        .log("module was removed from its source; it serves no new steps");
  }

  /** Ends the compilations in progress and frees every module; no run may be in progress. */
  @Override
  public void close() {
    synchronized (this) {
      if (loop.isStopped()) {
        return;
      }
      loop.stop();
    }
    sources.forEach(ModuleSource::close);
    loader.stop();
    loop.close();
    loader.close();
  }
}
