package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.load.Candidate;
import org.wasmbroker.registry.load.LoadResult;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;

/**
 * One release as the registry sees it now.
 *
 * @param digest of its module; null until it is known
 * @param manifest null until it is ready
 * @param problem why it is not served, else null
 * @param mayPass whether that may change without a change of the module
 * @param change what changed in its source since it was loaded, and is not used; else null
 */
public record ReleaseStatus(
    Release release,
    State state,
    @Nullable Digest digest,
    @Nullable Manifest manifest,
    @Nullable String problem,
    boolean mayPass,
    @Nullable String change) {

  /** How far it is. */
  public enum State {
    /** A source has it; nobody has needed it yet. */
    LISTED,
    LOADING,
    READY,
    REFUSED,
    /** A signature that the policy demands is missing or wrong. */
    UNTRUSTED,
    /** A person has to approve it first. */
    AWAITING_APPROVAL
  }

  public String handler() {
    return release.id().handler();
  }

  public Version version() {
    return release.id().version();
  }

  /** Of its source. */
  public String location() {
    return release.location();
  }

  public Origin origin() {
    return release.origin();
  }

  static ReleaseStatus of(Candidate candidate) {
    var digest = candidate.digest();
    return switch (candidate.resultIfLoaded()) {
      case null ->
          new ReleaseStatus(
              candidate.release(),
              candidate.isStarted() ? State.LOADING : State.LISTED,
              digest,
              null,
              null,
              true,
              null);
      case LoadResult.Usable usable ->
          new ReleaseStatus(
              candidate.release(),
              State.READY,
              digest,
              usable.manifest(),
              null,
              true,
              candidate.change());
      case LoadResult.Broken broken ->
          new ReleaseStatus(
              candidate.release(),
              state(broken.fault()),
              digest,
              null,
              broken.problem(),
              broken.mayPass(),
              null);
    };
  }

  private static State state(LoadResult.Fault fault) {
    return switch (fault) {
      case MODULE, ENVIRONMENT -> State.REFUSED;
      case TRUST -> State.UNTRUSTED;
      case APPROVAL -> State.AWAITING_APPROVAL;
    };
  }
}
