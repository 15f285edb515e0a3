package org.wasmbroker.publish;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.publish.CapabilityDiff.Added;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/**
 * Puts a checked handler where brokers find it, unless there is other content of that version, or
 * it asks more than the version before it and nobody has agreed to that.
 */
public final class Publisher {
  private final PublishTarget target;
  private final boolean acceptsCapabilities;
  private final Consumer<Check> report;

  /**
   * @param acceptsCapabilities whether it may ask more than the version before it
   * @param report is told each check when it ended
   */
  public Publisher(PublishTarget target, boolean acceptsCapabilities, Consumer<Check> report) {
    this.target = target;
    this.acceptsCapabilities = acceptsCapabilities;
    this.report = report;
  }

  /** What is there, and whether the handler may be put there. */
  public sealed interface Admission {
    /** It may. */
    record Admitted() implements Admission {}

    /** The same content is there. */
    record AlreadyThere() implements Admission {}

    /** It may not; the reason has been reported. */
    record Refused() implements Admission {}
  }

  /** Checks the handler against what is there; changes nothing. */
  public Admission check(Publication publication) throws IOException {
    var id = publication.id();
    var mismatch = target.mismatch(id);
    if (mismatch.isPresent()) {
      return refused("reference", mismatch.orElseThrow());
    }
    var there = target.find(id);
    if (there.isPresent()) {
      var digest = there.orElseThrow().digest();
      if (digest.equals(publication.layout().digest())) {
        report.accept(Check.ok("version", "%s is there, with the same content".formatted(id)));
        return new Admission.AlreadyThere();
      }
      return refused(
          "version",
          "%s is published with other content (%s); a published version never changes: raise the version"
              .formatted(id, Descriptor.text(digest)));
    }
    report.accept(Check.ok("version", id.version() + " is new"));
    return capabilities(publication) ? new Admission.Admitted() : new Admission.Refused();
  }

  private Admission refused(String check, String why) {
    report.accept(Check.failed(check, why));
    return new Admission.Refused();
  }

  private boolean capabilities(Publication publication) throws IOException {
    var before = replaced(publication.id());
    if (before.isEmpty()) {
      report.accept(Check.ok("capabilities", "no version before it to compare with"));
      return true;
    }
    var old = before.orElseThrow();
    var diff = CapabilityDiff.between(old, publication.manifest());
    if (diff.isEmpty()) {
      report.accept(Check.ok("capabilities", "asks no more than " + old.version()));
      return true;
    }
    var asks =
        "asks more than %s: %s"
            .formatted(
                old.version(),
                diff.added().stream().map(Added::text).collect(Collectors.joining("; ")));
    report.accept(
        acceptsCapabilities
            ? Check.ok("capabilities", asks + " (accepted)")
            : Check.failed("capabilities", asks + "; if that is intended: --accept-capabilities"));
    return acceptsCapabilities;
  }

  /** The manifest of the version that a broker would have run instead. */
  private Optional<Manifest> replaced(ReleaseId id) throws IOException {
    var newest = replaced(target.versions(id.handler()), id.version());
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    var before = new ReleaseId(id.handler(), newest.orElseThrow());
    var there = target.find(before);
    return there.flatMap(PublishTarget.Published::manifest).map(json -> read(json, before));
  }

  /** The newest release before it; the newest pre-release if there is no release. */
  static Optional<Version> replaced(List<Version> versions, Version next) {
    return versions.stream()
        .filter(version -> version.compareTo(next) < 0)
        .max(
            Comparator.comparing((Version version) -> !version.isPreRelease())
                .thenComparing(Comparator.naturalOrder()));
  }

  private Manifest read(Document json, ReleaseId id) {
    try {
      return ManifestReader.read(json, id, target.location(id));
    } catch (ModuleSourceException invalid) {
      throw new PackageRefusedException(
          "the version before it cannot be compared with: " + invalid.getMessage());
    }
  }

  /**
   * Puts it there, with its signatures.
   *
   * @param progress is told each part
   */
  public void put(Publication publication, List<Document> signatures, Consumer<String> progress)
      throws IOException {
    target.put(publication, progress);
    if (!signatures.isEmpty()) {
      target.sign(publication, signatures, progress);
    }
  }
}
