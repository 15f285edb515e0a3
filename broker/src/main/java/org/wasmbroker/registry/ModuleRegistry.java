package org.wasmbroker.registry;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.image.PreparedImages;
import org.wasmbroker.registry.index.ReleaseIndex;
import org.wasmbroker.registry.index.SourceProblem;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.registry.route.RolloutRules;
import org.wasmbroker.registry.route.Router;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Selector;
import org.wasmbroker.telemetry.EventSink;

/**
 * Finds the module for a step: composed of the index of what the sources offer, the modules in
 * service, and the router.
 *
 * <p>A reference that has been resolved before costs one lookup. {@link #start} begins to list the
 * sources and loads what will be needed in the background; whoever needs a module earlier loads it,
 * and others wait for it. The sources are listed again at an interval. A new version is loaded
 * before it serves steps, and a broken one is tried again. A reference that matches no known
 * release has the sources listed, at most a few times a second, and waits for a listing that began
 * after it, for a bounded time: a module that was just added is found by the first step that needs
 * it. Steps of known modules never wait for a source, however slow it is.
 */
public final class ModuleRegistry implements HandlerResolver, AutoCloseable {
  /** How long a step that names what no source has waits for the sources. */
  private static final Duration LOOKUP = Duration.ofSeconds(10);

  /** How long a start waits for the sources on this machine. */
  private static final Duration START = Duration.ofSeconds(2);

  private final List<ModuleSource> sources;
  private final ReleaseIndex index;
  private final PreparedImages images;
  private final ModuleService service;
  private final RolloutRules rules;
  private final Router router;
  private final Duration rescan;
  private final TaskLoop loop = new TaskLoop("registry", this::tick);
  private long nextListing = System.nanoTime(); // of the loop's thread

  /**
   * What it is made of, besides the engine and the policy.
   *
   * @param sources in order of precedence
   * @param rescan how often they are listed
   * @param keepRetired how long a module that left service is kept for steps that began with it
   * @param imageBytes the size of all prepared images; 0 for none
   */
  public record Parts(
      List<ModuleSource> sources,
      TrustCheck trust,
      RolloutRules rollout,
      Duration rescan,
      Duration keepRetired,
      long imageBytes) {
    public static final Duration KEEP_RETIRED = Duration.ofMinutes(10);

    public Parts {
      sources = List.copyOf(sources);
    }
  }

  /** Without demands on modules, and without a rollout. */
  public ModuleRegistry(
      Engine engine, Policy policy, List<ModuleSource> sources, Duration rescan, EventSink events) {
    this(
        engine,
        policy,
        new Parts(
            sources,
            TrustCheck.NONE,
            RolloutRules.NONE,
            rescan,
            Parts.KEEP_RETIRED,
            RegistryConfig.DEFAULTS.imageBytes()),
        events);
  }

  /**
   * @param policy in effect until another one is applied
   */
  public ModuleRegistry(Engine engine, Policy policy, Parts parts, EventSink events) {
    this.sources = parts.sources();
    this.rescan = parts.rescan();
    this.rules = parts.rollout();
    this.images = new PreparedImages(parts.imageBytes(), events);
    this.service =
        new ModuleService(
            engine, policy, parts.trust(), images, parts.keepRetired(), loop::wake, events);
    this.index = new ReleaseIndex(parts.sources(), loop::wake, service::checkContents, events);
    this.router = new Router(rules, service::isUsable, service::isLost);
  }

  /** Lists what is on this machine, and begins to list the other sources and to load modules. */
  public void start() {
    startListing();
    loadInBackground();
  }

  /**
   * The first part of {@link #start}: modules are loaded when steps need them, and not before, as
   * there is more urgent work while a broker starts.
   */
  public synchronized void startListing() {
    if (loop.isStarted() || loop.isStopped()) {
      throw new IllegalStateException("a registry can be started only once");
    }
    index.awaitLocal(START);
    var _ = updated();
    loop.start();
  }

  /** The second part of {@link #start}: the modules of the first steps go first. */
  public void loadInBackground() {
    service.expectSteps();
    service.loadInBackground();
  }

  private Duration tick() {
    long now = System.nanoTime();
    if (now - nextListing >= 0) {
      nextListing = now + rescan.toNanos();
      service.retryBroken();
      var _ = index.list();
    }
    service.update(index::offers);
    return Duration.ofNanos(Math.max(1, nextListing - System.nanoTime()));
  }

  @Override
  public HandlerRef route(HandlerRef handler, RoutingFacts step) {
    return router.route(handler, step);
  }

  @Override
  public Resolution resolve(HandlerRef routed) {
    var known = cached(routed);
    if (known != null) {
      return known;
    }
    if (!serves(routed)) {
      var former = service.recover(routed, sources);
      if (former != null) {
        return former;
      }
      index.awaitListing(() -> index.isLocalSettled() && updated().serves(routed), LOOKUP);
      var _ = updated(); // whatever is known by now, if the time is over
    }
    var resolution = service.resolve(routed);
    return resolution instanceof Resolution.Unknown(String message, _)
        ? unknown(message)
        : resolution;
  }

  private ModuleRegistry updated() {
    service.update(index::offers);
    return this;
  }

  /** Says which sources could not be asked. */
  private Resolution unknown(String message) {
    var problems = index.problems();
    if (problems.isEmpty()) {
      return new Resolution.Unknown(message, !index.isSettled());
    }
    return new Resolution.Unknown(
        message
            + problems.stream()
                .map(problem -> "; %s: %s".formatted(problem.location(), problem.message()))
                .collect(Collectors.joining()),
        true);
  }

  @Override
  public @Nullable Resolution cached(HandlerRef routed) {
    var known = service.known(routed);
    return known == null && isChannel(routed)
        ? new Resolution.Unknown(rules.channelProblem(routed))
        : known;
  }

  @Override
  public Resolution current(HandlerRef routed) {
    return isChannel(routed)
        ? new Resolution.Unknown(rules.channelProblem(routed))
        : service.current(routed);
  }

  /** One that the router could not replace. */
  private static boolean isChannel(HandlerRef routed) {
    return routed.selector() != null && Selector.isChannel(routed.selector());
  }

  /**
   * Applies a policy to the steps that start from now on. Modules that it grants more memory are
   * recompiled first if their code depends on it, and broken ones are retried.
   */
  public void apply(Policy policy) {
    service.apply(policy);
  }

  /** Asks again, for every module, whether it is trusted. */
  public void trustChanged() {
    service.trustChanged();
  }

  /** Has the modules of these references loaded, so that no step has to wait for them. */
  public void prepare(Set<HandlerRef> references) {
    service.prepare(references);
  }

  /** Whether the latest listing has a module for it; loads nothing. */
  public boolean serves(HandlerRef ref) {
    return service.serves(ref);
  }

  /** The names of all handlers that the sources have. */
  public Set<String> handlers() {
    return describe().stream()
        .map(ReleaseStatus::handler)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Every release of every source, by handler, the newest version first. */
  public List<ReleaseStatus> describe() {
    return service.describe();
  }

  /** The modules that steps may run now, the newest versions first. */
  public List<LoadedRelease> loaded() {
    return service.loaded();
  }

  /** What the runs of modules that prepare start with. */
  public PreparedImages images() {
    return images;
  }

  /** The sources of which the releases may be out of date. */
  public List<SourceProblem> sourceProblems() {
    return index.problems();
  }

  /** Lists the sources, and waits until that is done and what it brought is loaded. */
  public void refresh() {
    service.retryBroken();
    index.list().forEach(listing -> listing.join());
    service.update(index::offers);
    service.loadInBackground();
    service.awaitLoads();
    service.update(index::offers);
  }

  /** Ends the compilations in progress and frees every module, once no run uses it. */
  @Override
  public void close() {
    synchronized (this) {
      if (loop.isStopped()) {
        return;
      }
      loop.stop();
    }
    index.close();
    service.stop();
    loop.close();
    service.close();
  }
}
