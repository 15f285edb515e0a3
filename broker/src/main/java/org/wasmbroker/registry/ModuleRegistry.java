package org.wasmbroker.registry;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;

/**
 * Finds the module for a step.
 *
 * <p>A reference that was answered before costs one look-up. {@link #start} looks through the
 * sources and compiles every module in the background; a step that needs one earlier compiles it
 * itself, and others wait for it. The sources are looked through again at an interval: a new
 * version is compiled first and serves steps after that, a broken one is tried again. A reference
 * that means nothing known makes the registry look at once, a few times a second at most, so that a
 * module put in place is found by the first step that wants it. When several sources have the same
 * version, the first source has it. A module that was loaded stays until the broker ends, whatever
 * becomes of its file, unless a policy gives it more memory than it was compiled for; one that is
 * gone from its source serves no new steps.
 */
public final class ModuleRegistry implements HandlerResolver, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModuleRegistry.class);
  private static final long MIN_RESCAN_INTERVAL_NANOS = Duration.ofMillis(250).toNanos();

  private final List<ModuleSource> sources;
  private final Duration rescan;
  private final ModuleLoader loader;
  private final ReentrantLock scanning = new ReentrantLock();
  private final TaskLoop loop = new TaskLoop("registry", this::loadOrRefresh);
  private final Map<ModuleSource, String> sourceProblems = new HashMap<>(); // by scanning
  private long lastScan; // by scanning
  private boolean scanned; // by scanning
  private volatile Catalog catalog;
  private boolean preloaded; // of the loop's thread

  /**
   * @param policy what is granted until another is applied
   * @param sources where modules come from, the more important first
   * @param rescan how often the sources are looked through again
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
      throw new IllegalStateException("a registry is started once");
    }
    scan(Map.of());
    loop.start();
  }

  @Override
  public Resolution resolve(HandlerRef ref) {
    var cached = cached(ref);
    if (cached != null) {
      return cached;
    }
    if (!catalog.serves(ref)) {
      rescanIfStale();
    }
    return catalog.resolve(ref);
  }

  @Override
  public @Nullable Resolution cached(HandlerRef ref) {
    return catalog.cached(ref);
  }

  /**
   * Makes a policy hold for the steps that start from now on. Modules that it gives more memory are
   * compiled anew first, and broken ones are tried again.
   */
  public void apply(Policy policy) {
    loader.apply(policy);
    var reloaded = new HashMap<Candidate, Candidate>();
    for (var candidate : catalog.candidatesToReload(policy)) {
      var fresh = candidate.retry();
      fresh.load();
      reloaded.put(candidate, fresh);
    }
    scanning.lock();
    try {
      catalog = catalog.withPolicy(policy, reloaded);
    } finally {
      scanning.unlock();
    }
  }

  /** Whether the sources that were looked through last have a module for it; loads nothing. */
  public boolean serves(HandlerRef ref) {
    return catalog.serves(ref);
  }

  /** The names of all handlers that the sources have. */
  public Set<String> handlers() {
    return catalog.all().stream()
        .map(candidate -> candidate.entry().handler())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Every module of every source, by handler, the newest version first. */
  public List<ModuleStatus> describe() {
    return catalog.all().stream().map(ModuleStatus::of).toList();
  }

  /** Loads every module that is not, on the calling thread. */
  void preload() {
    for (var candidate : catalog.all()) {
      if (loop.isStopped()) {
        return;
      }
      candidate.load();
    }
  }

  /** Looks through the sources; what is new or was broken is loaded before it can be chosen. */
  void refresh() {
    var prepared = new HashMap<Entry, Candidate>();
    for (var listed : list().values()) {
      var current = catalog.candidate(listed.entry());
      if (loop.isStopped()) {
        return;
      }
      if (current == null || !current.isFrom(listed.source()) || current.problem() != null) {
        var fresh = current != null && current.isFrom(listed.source()) ? current.retry() : listed;
        fresh.load();
        prepared.put(fresh.entry(), fresh);
      }
    }
    scan(prepared);
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

  private void rescanIfStale() {
    scanning.lock();
    try {
      if (!scanned || System.nanoTime() - lastScan > MIN_RESCAN_INTERVAL_NANOS) {
        scan(Map.of());
      }
    } finally {
      scanning.unlock();
    }
  }

  /** Lists the sources and publishes what is there; the lock makes one thread do it at a time. */
  private void scan(Map<Entry, Candidate> prepared) {
    scanning.lock();
    try {
      var next = list();
      next.replaceAll((entry, listed) -> choose(listed, prepared.get(entry)));
      lastScan = System.nanoTime();
      scanned = true;
      if (!catalog.hasCandidates(next)) {
        catalog.all().stream()
            .filter(candidate -> !next.containsKey(candidate.entry()))
            .forEach(ModuleRegistry::logRemoved);
        catalog = new Catalog(next, catalog.policy());
      }
    } finally {
      scanning.unlock();
    }
  }

  /** What is in service stays, unless it is broken and another try went better or otherwise. */
  private Candidate choose(Candidate listed, @Nullable Candidate prepared) {
    var current = catalog.candidate(listed.entry());
    if (current != null && !current.isFrom(listed.source())) {
      current = null;
    }
    if (prepared != null && !prepared.isFrom(listed.source())) {
      prepared = null;
    }
    if (current == null) {
      return prepared == null ? listed : prepared;
    }
    var problem = current.problem();
    return problem == null || prepared == null || problem.equals(prepared.problem())
        ? current
        : prepared;
  }

  private Map<Entry, Candidate> list() {
    var found = new LinkedHashMap<Entry, Candidate>();
    for (var source : sources) {
      for (var entry : entriesOf(source)) {
        found.putIfAbsent(entry, new Candidate(entry, source, loader, null));
      }
    }
    return found;
  }

  /** A source that cannot be read keeps what it had. */
  private List<Entry> entriesOf(ModuleSource source) {
    scanning.lock();
    try {
      var entries = source.list();
      if (sourceProblems.remove(source) != null) {
        log.atInfo().addKeyValue("source", source.location()).log("modules can be listed again");
      }
      return entries;
    } catch (ModuleSourceException problem) {
      var message = String.valueOf(problem.getMessage());
      if (!message.equals(sourceProblems.put(source, message))) {
        log.atError().addKeyValue("source", source.location()).log(message);
      }
      return catalog.all().stream()
          .filter(candidate -> candidate.isFrom(source))
          .map(Candidate::entry)
          .toList();
    } finally {
      scanning.unlock();
    }
  }

  private static void logRemoved(Candidate candidate) {
    log.atInfo()
        .addKeyValue("handler", candidate.entry().handler())
        .addKeyValue("version", candidate.entry().version())
        .addKeyValue("source", candidate.source().location())
        .log("module is gone from its source; it serves no new steps");
  }

  /** Frees every module; no run is under way. A compilation that is under way is waited for. */
  @Override
  public void close() {
    synchronized (this) {
      if (loop.isStopped()) {
        return;
      }
      loop.stop();
    }
    loop.close();
    loader.close();
  }
}
