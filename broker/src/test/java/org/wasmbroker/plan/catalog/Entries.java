package org.wasmbroker.plan.catalog;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/** Handlers for tests: the bundled ones, and some that exist only as a manifest. */
public final class Entries {
  private static final Policy NO_POLICY = Policy.none(Limits.DEFAULTS);

  private Entries() {}

  /** All that come with the broker, each in its newest version. */
  public static List<HandlerEntry> bundled() {
    var source = new BundledModules();
    return source.list().stream()
        .collect(
            Collectors.toMap(
                release -> release.id().handler(),
                Function.identity(),
                BinaryOperator.maxBy(Comparator.comparing(release -> release.id().version())),
                TreeMap::new))
        .values()
        .stream()
        .map(
            release ->
                of(
                    ManifestReader.read(
                        source.fetch(release.id()).manifest(), release.id(), source.location())))
        .toList();
  }

  public static HandlerEntry of(Manifest manifest) {
    return of(manifest, NO_POLICY);
  }

  public static HandlerEntry of(Manifest manifest, Policy policy) {
    return new HandlerEntry(
        manifest,
        List.of(manifest.version().toString()),
        "built_in",
        "here",
        HandlerEntry.TRUSTED,
        null,
        Explanation.of(
            manifest.capabilities(), policy.granted(manifest.name(), manifest.version())),
        manifest.grants(policy),
        List.of());
  }

  /** A manifest of these members beside its name, version and ABI. */
  public static Manifest manifest(String name, String members) {
    var json =
        "{\"name\":\"%s\",\"version\":\"1.0.0\",\"abi\":\"1\"%s}"
            .formatted(name, members.isEmpty() ? "" : "," + members);
    return ManifestReader.read(
        Document.of(json), new ReleaseId(name, new Version(1, 0, 0)), "here");
  }
}
