package org.wasmbroker.registry.load;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.compiled.Compilation;
import org.wasmbroker.registry.compiled.CompiledModules;
import org.wasmbroker.registry.compiled.Lease;
import org.wasmbroker.registry.index.Offer;
import org.wasmbroker.registry.load.LoadResult.Broken;
import org.wasmbroker.registry.load.LoadResult.Fault;
import org.wasmbroker.registry.load.LoadResult.Usable;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.Evidence;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.registry.release.Verdict;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;

/**
 * Fetches a release, checks that it may run, and has it compiled, in this order: what is not
 * trusted is never compiled. Any problem of a module is a value, so that it cannot affect another
 * module. Thread-safe.
 */
public final class ReleaseLoader {
  private static final Logger log = LoggerFactory.getLogger(ReleaseLoader.class);

  private final Engine engine;
  private final CompiledModules compiled;
  private final TrustCheck trust;
  private final EventSink events;
  private volatile Policy policy;
  private volatile boolean stopped;

  public ReleaseLoader(
      Engine engine, CompiledModules compiled, Policy policy, TrustCheck trust, EventSink events) {
    this.engine = engine;
    this.compiled = compiled;
    this.policy = policy;
    this.trust = trust;
    this.events = events;
  }

  /** Modules that are loaded from now on are compiled for the limits that it grants. */
  public void apply(Policy policy) {
    this.policy = policy;
  }

  /** Reports no problems from now on: what is being loaded fails. */
  public void stop() {
    stopped = true;
  }

  /**
   * @param previous the result of the previous attempt, whose problem is not reported again and
   *     whose module is not read again, or null
   */
  LoadResult load(Offer offer, @Nullable LoadResult previous) {
    long start = System.nanoTime();
    var attempt = new Attempt(offer, previous);
    try {
      var again = previous instanceof Usable usable ? recompiled(usable) : null;
      return again == null ? load(attempt, start) : again;
    } catch (ModuleSourceException problem) {
      // A registry that does not answer, or answers with something else, may do so later.
      var fault = offer.source().isRemote() ? Fault.ENVIRONMENT : Fault.MODULE;
      return attempt.failed(fault, String.valueOf(problem.getMessage()));
    } catch (RuntimeException problem) {
      return attempt.failed(Fault.MODULE, String.valueOf(problem.getMessage()));
    } catch (Throwable problem) { // whatever it is, the steps that wait for the module must end
      var fault = problem instanceof OutOfMemoryError ? Fault.ENVIRONMENT : Fault.MODULE;
      return attempt.failed(fault, String.valueOf(problem));
    }
  }

  private LoadResult load(Attempt attempt, long start) {
    var offer = attempt.offer;
    var artifact = offer.source().fetch(offer.id());
    attempt.digest = artifact.wasm().digest();
    var manifest = ManifestReader.read(artifact.manifest(), offer.id(), offer.source().location());
    var evidence = artifact.evidence();
    var distrust = distrust(offer.release(), evidence);
    if (distrust != null) {
      return attempt.failed(distrust.fault(), distrust.reason());
    }
    var grants = manifest.grants(policy);
    var limits = grants.limits();
    return switch (compiled.acquire(artifact.wasm(), limits)) {
      case Compilation.Ready(Lease lease)
          when isCommandOnlyByItsManifest(manifest, lease.module()) -> {
        lease.close();
        yield attempt.failed(
            Fault.MODULE,
            "its manifest says that it is a command (capabilities.command), but the module exports"
                + " no _start");
      }
      case Compilation.Ready(Lease lease) when grants.refusal(lease.module()).isPresent() -> {
        var refusal = grants.refusal(lease.module()).orElseThrow();
        lease.close();
        yield attempt.failed(Fault.MODULE, refusal);
      }
      case Compilation.Ready(Lease lease) -> {
        var id =
            new ModuleId(offer.id().handler(), offer.id().version().toString(), evidence.module());
        logLoaded(id, artifact, offer, limits, Duration.ofNanos(System.nanoTime() - start));
        warnIfClamped(id, manifest, limits);
        yield new Usable(manifest, id, lease, engine.compileLimits(limits), evidence);
      }
      case Compilation.Refused(String reason) -> attempt.failed(Fault.MODULE, reason);
      case Compilation.Failed(String reason) -> attempt.failed(Fault.ENVIRONMENT, reason);
    };
  }

  private static boolean isCommandOnlyByItsManifest(Manifest manifest, CompiledModule module) {
    return manifest.isCommand() && !module.isCommand();
  }

  /** The same module for the limits of another policy, if nothing has to be compiled for them. */
  private @Nullable LoadResult recompiled(Usable usable) {
    var grants = usable.manifest().grants(policy);
    if (grants.refusal(usable.lease().module()).isPresent()) {
      return null;
    }
    var limits = grants.limits();
    var ready = compiled.acquireIfCompiled(usable.id().digest(), limits).orElse(null);
    return ready instanceof Compilation.Ready(Lease lease)
        ? new Usable(
            usable.manifest(), usable.id(), lease, engine.compileLimits(limits), usable.evidence())
        : null;
  }

  private record Distrust(Fault fault, String reason) {}

  private @Nullable Distrust distrust(Release release, Evidence evidence) {
    return switch (trust.check(release, evidence)) {
      case Verdict.Trusted _ -> null;
      case Verdict.Untrusted(String reason) -> new Distrust(Fault.TRUST, reason);
      case Verdict.AwaitingApproval(String reason) -> new Distrust(Fault.APPROVAL, reason);
    };
  }

  /** Why a module in service may no longer run; null if it may. */
  public @Nullable Broken distrust(Offer offer, Usable usable) {
    var distrust = distrust(offer.release(), usable.evidence());
    if (distrust == null) {
      return null;
    }
    var attempt = new Attempt(offer, null);
    attempt.digest = usable.id().digest();
    return attempt.failed(distrust.fault(), distrust.reason());
  }

  /**
   * Whether a module that was compiled for some grants can be run with others. If not, loading it
   * for these says why.
   */
  public boolean fits(Usable usable, Grants grants) {
    if (grants.refusal(usable.lease().module()).isPresent()) {
      return false;
    }
    var limits = grants.limits();
    try {
      var needed = engine.compileLimits(limits);
      usable.lease().module().requireStartsWithin(limits);
      return needed.memoryBytes() <= usable.compiledFor().memoryBytes()
          && needed.tableElements() <= usable.compiledFor().tableElements();
    } catch (IllegalArgumentException | ModuleRefusedException notWithThese) {
      return false;
    }
  }

  /** Null if the source cannot tell, at least now. */
  @Nullable String fingerprint(Offer offer) {
    try {
      return offer.source().fingerprint(offer.id());
    } catch (RuntimeException notNow) {
      log.debug("the content of {} cannot be compared now", offer.id(), notNow);
      return null;
    }
  }

  /** What to say about a release whose source has another fingerprint of it; null for nothing. */
  @Nullable String describeChange(Offer offer, Usable usable, String fingerprint) {
    if (!offer.source().isRemote() && isUnchanged(offer, usable)) {
      return null;
    }
    var message =
        "its content was changed in its source; what was loaded first, sha256:%s, stays in use. Publish another version instead"
            .formatted(usable.id().digest());
    log.atWarn()
        .addKeyValue("handler", offer.id().handler())
        .addKeyValue("version", offer.id().version())
        .addKeyValue("source", offer.source().location())
        .addKeyValue("fingerprint", fingerprint)
        .log("a release was changed: {}", message);
    events.on(new ModuleEvent.ContentChanged(offer.id().handler()));
    return message;
  }

  private static boolean isUnchanged(Offer offer, Usable usable) {
    try {
      var artifact = offer.source().fetch(offer.id());
      return artifact.wasm().digest().equals(usable.id().digest())
          && artifact.manifest().equals(usable.evidence().manifest());
    } catch (ModuleSourceException halfWritten) {
      return false;
    }
  }

  /** One attempt at a release, for its messages. */
  private final class Attempt {
    final Offer offer;
    final @Nullable LoadResult previous;
    @Nullable Digest digest;

    Attempt(Offer offer, @Nullable LoadResult previous) {
      this.offer = offer;
      this.previous = previous;
    }

    Broken failed(Fault fault, String reason) {
      var problem = offer.id() + " cannot be used: " + reason;
      boolean known = previous instanceof Broken broken && broken.problem().equals(problem);
      if (!known && !stopped) {
        log.atError()
            .addKeyValue("handler", offer.id().handler())
            .addKeyValue("version", offer.id().version())
            .addKeyValue("source", offer.source().location())
            .log("module refused: {}", reason);
        events.on(new ModuleEvent.Refused(offer.id().handler(), refusal(fault), reason));
      }
      return new Broken(fault, problem, digest);
    }
  }

  private static ModuleEvent.Refusal refusal(Fault fault) {
    return switch (fault) {
      case MODULE -> ModuleEvent.Refusal.UNUSABLE;
      case ENVIRONMENT -> ModuleEvent.Refusal.UNAVAILABLE;
      case TRUST -> ModuleEvent.Refusal.UNTRUSTED;
      case APPROVAL -> ModuleEvent.Refusal.AWAITING_APPROVAL;
    };
  }

  private void logLoaded(
      ModuleId id, Artifact artifact, Offer offer, Limits limits, Duration took) {
    log.atInfo()
        .addKeyValue("handler", id.handler())
        .addKeyValue("version", id.version())
        .addKeyValue("digest", id.digest())
        .addKeyValue("origin", WireName.of(offer.release().origin()))
        .addKeyValue("source", offer.source().location())
        .addKeyValue("bytes", artifact.wasm().size())
        .addKeyValue("memory_limit", limits.memoryBytes())
        .addKeyValue("time_limit_ms", limits.time().toMillis())
        .addKeyValue("took_ms", took.toMillis())
        .log("module loaded");
    events.on(new ModuleEvent.Loaded(id, artifact.wasm().size(), took));
  }

  private static void warnIfClamped(ModuleId id, Manifest manifest, Limits limits) {
    boolean memory =
        manifest.memoryBytes() != null && manifest.memoryBytes() > limits.memoryBytes();
    boolean time = manifest.timeout() != null && manifest.timeout().compareTo(limits.time()) > 0;
    if (memory || time) {
      log.atWarn()
          .addKeyValue("module", id)
          .addKeyValue("memory_limit", limits.memoryBytes())
          .addKeyValue("time_limit_ms", limits.time().toMillis())
          .log(
              "the module requests more than its resource class or limits.time allow; it is limited"
                  + " to these");
    }
  }
}
