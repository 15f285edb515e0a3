package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Modules;
import org.wasmbroker.document.Names;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.plan.Handlers;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Selector;
import org.wasmbroker.step.WireName;
import org.wasmbroker.ui.Offer;

/**
 * The handlers of the configured sources with what a policy lets them do: of each the newest
 * release, or one that a person names. Nothing is compiled.
 */
final class InstalledHandlers implements Handlers {
  private final ListedReleases listed;
  private final Policy policy;
  private final TrustPolicy trust;
  private final List<String> refused = new ArrayList<>();
  private final Map<HandlerRef, Optional<HandlerEntry>> found = new HashMap<>();

  InstalledHandlers(BrokerConfig config, Policy policy, TrustPolicy trust) {
    this.listed =
        ListedReleases.of(Modules.sources(config.registry(), config.engine().moduleBytes()));
    this.policy = policy;
    this.trust = trust;
  }

  /** Why some sources could not be listed. */
  List<String> unlisted() {
    return listed.problems();
  }

  /** Why some handlers are left out, found by what was asked so far. */
  List<String> refused() {
    return List.copyOf(refused);
  }

  Policy policy() {
    return policy;
  }

  @Override
  public List<String> names() {
    return List.copyOf(byName().keySet());
  }

  /** By handler, the newest version first. */
  private Map<String, List<Release>> byName() {
    var releases = new LinkedHashMap<String, List<Release>>();
    listed
        .sorted()
        .forEach(
            release ->
                releases
                    .computeIfAbsent(release.id().handler(), _ -> new ArrayList<>())
                    .add(release));
    return releases;
  }

  /** Each of them in its newest version, by name. */
  List<HandlerEntry> all() {
    return all(_ -> null);
  }

  /**
   * Each of them, by name.
   *
   * @param chosen the exact reference of the version that stands for a handler; null for the newest
   */
  List<HandlerEntry> all(Function<String, @Nullable HandlerRef> chosen) {
    var entries = new ArrayList<HandlerEntry>();
    for (var handler : byName().entrySet()) {
      var reference = chosen.apply(handler.getKey());
      var release =
          handler.getValue().stream()
              .filter(
                  each ->
                      reference != null
                          && each.id().version().toString().equals(reference.selector()))
              .findFirst()
              .orElseGet(() -> newest(handler.getValue()));
      try {
        entries.add(entry(listed.fetch(release)));
      } catch (ModuleSourceException unusable) {
        refused.add(String.valueOf(unusable.getMessage()));
      }
    }
    return List.copyOf(entries);
  }

  /** Each of them in its newest version, by name, with its module. */
  List<Offer> offers() {
    return all().stream().map(this::offer).toList();
  }

  private Offer offer(HandlerEntry entry) {
    var found = found(entry);
    return new Offer(
        entry,
        found.artifact().manifest(),
        found.artifact().wasm().digest(),
        () -> found(entry).artifact().wasm());
  }

  private ListedReleases.Found found(HandlerEntry entry) {
    var manifest = entry.manifest();
    return listed.newest(manifest.name() + "@" + manifest.version()).orElseThrow();
  }

  private static Release newest(List<Release> releases) {
    return releases.stream()
        .max(
            Comparator.comparing((Release release) -> !release.id().version().isPreRelease())
                .thenComparing(release -> release.id().version()))
        .orElseThrow();
  }

  /**
   * The one that is named.
   *
   * @param text {@code handler} or {@code handler@version}
   */
  HandlerEntry named(String text) {
    var found = listed.newest(text);
    if (found.isEmpty()) {
      var name = HandlerArgument.parse(text).name();
      throw new UsageException(
          "no source has a release %s%s%s"
              .formatted(
                  text,
                  names().contains(name)
                      ? "; there is " + Names.list(versions(name))
                      : Names.suggest(name, names()),
                  listed.problems().isEmpty()
                      ? ""
                      : " (" + String.join("; ", listed.problems()) + ")"));
    }
    return entry(found.orElseThrow());
  }

  /** Each reference is read once, however many steps have it. */
  @Override
  public Optional<HandlerEntry> find(HandlerRef reference) {
    return found.computeIfAbsent(
        reference,
        _ -> {
          boolean isChannel = Selector.of(reference.selector()) instanceof Selector.Channel;
          return listed
              .newest(isChannel ? reference.name() : reference.toString())
              .map(this::entry);
        });
  }

  @Override
  public List<String> versions(String name) {
    return byName().getOrDefault(name, List.of()).stream()
        .map(release -> release.id().version().toString())
        .toList();
  }

  private HandlerEntry entry(ListedReleases.Found found) {
    var release = found.release();
    var manifest =
        ManifestReader.read(found.artifact().manifest(), release.id(), release.location());
    var verdict = trust.check(release, found.artifact().evidence());
    return new HandlerEntry(
        manifest,
        versions(manifest.name()),
        WireName.of(release.origin()),
        release.location(),
        TrustVerdict.name(verdict),
        TrustVerdict.reason(verdict),
        explanation(manifest),
        manifest.grants(policy),
        TrustPrinter.demands(policy.trust(), manifest.name()));
  }

  private Explanation explanation(Manifest manifest) {
    return Explanation.of(
        manifest.capabilities(), policy.granted(manifest.name(), manifest.version()));
  }
}
