package org.wasmbroker.registry.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.step.Digest;

/**
 * A remote source whose modules are kept on the disk: what was fetched once is not fetched again,
 * and what it offered last is known while it does not answer. What a release meant first, it means
 * as long as the source offers it.
 */
public final class StoredModules implements ModuleSource {
  private static final Logger log = LoggerFactory.getLogger(StoredModules.class);

  private static final Pattern DIGEST = Pattern.compile("(?:sha256:)?[0-9a-f]{64}");

  private final ModuleSource source;
  private final ModuleStore store;
  private final Set<ReleaseId> served = ConcurrentHashMap.newKeySet();
  private final Map<ReleaseId, Pin> pins = new ConcurrentHashMap<>();
  private final Map<ReleaseId, String> changed = new ConcurrentHashMap<>();
  private volatile Map<ReleaseId, Release> listed = Map.of();

  public StoredModules(ModuleSource source, ModuleStore store) {
    this.source = source;
    this.store = store;
    store.pins(source.id()).forEach(pin -> pins.put(pin.id(), pin));
  }

  @Override
  public String location() {
    return source.location();
  }

  @Override
  public String id() {
    return source.id();
  }

  @Override
  public boolean isRemote() {
    return source.isRemote();
  }

  @Override
  public Origin origin() {
    return source.origin();
  }

  @Override
  public List<Release> known() {
    return pins.values().stream().map(this::release).toList();
  }

  @Override
  public List<Release> list() {
    var releases = source.list();
    var offered = new HashMap<ReleaseId, Release>();
    releases.forEach(release -> offered.put(release.id(), release));
    if (!offered.keySet().equals(listed.keySet())) {
      store.offered(id(), offered.keySet());
      pins.keySet().retainAll(offered.keySet());
      changed.keySet().retainAll(offered.keySet());
    }
    listed = Map.copyOf(offered);
    return releases.stream().map(this::asFetched).toList();
  }

  /** A tag may have been moved while no broker ran. */
  private Release asFetched(Release release) {
    var pin = pins.get(release.id());
    if (pin == null) {
      return release;
    }
    if (release.module() != null && !pin.module().equals(release.module())) {
      changed.put(release.id(), "module sha256:" + release.module());
    }
    return release(pin);
  }

  @Override
  public Artifact fetch(ReleaseId id) {
    var artifact = storedOrFetched(id);
    store.pin(id(), id).ifPresent(pin -> pins.put(id, pin));
    return artifact;
  }

  private Artifact storedOrFetched(ReleaseId id) {
    var pin = store.pin(id(), id);
    var stored = pin.flatMap(store::read);
    if (stored.isPresent()) {
      boolean again = !served.add(id);
      return again
          ? withNewSignatures(pin.orElseThrow(), stored.orElseThrow())
          : stored.orElseThrow();
    }
    var artifact = source.fetch(id);
    store.keep(id(), listed.getOrDefault(id, unlisted(id)), artifact);
    served.add(id);
    changed.remove(id);
    return artifact;
  }

  @Override
  public Optional<ModuleSource> former(String handler, Digest module) {
    return store
        .former(id(), handler, module)
        .map(pin -> new FormerModule(release(pin), pin, store));
  }

  /** Notes a release that means something else than when it was fetched, perhaps long ago. */
  @Override
  public @Nullable String fingerprint(ReleaseId id) {
    var fingerprint = source.fingerprint(id);
    var pinned = store.pin(id(), id).map(Pin::ociManifest).orElse(null);
    if (fingerprint != null
        && pinned != null
        && DIGEST.matcher(fingerprint).matches()
        && !fingerprint.endsWith(pinned.hex())) {
      changed.put(id, fingerprint);
    }
    return fingerprint;
  }

  @Override
  public @Nullable String change(ReleaseId id) {
    var now = changed.get(id);
    return now == null ? source.change(id) : now;
  }

  /** Whoever asks again could not use it: perhaps it has been signed since it was fetched. */
  private Artifact withNewSignatures(Pin pin, Artifact stored) {
    var digest = pin.ociManifest();
    if (digest == null) {
      return stored;
    }
    try {
      var signatures = source.signatures(pin.id(), digest);
      if (signatures.isEmpty() || signatures.equals(stored.provenance().signatures())) {
        return stored;
      }
      var signed =
          new Artifact(
              stored.manifest(),
              stored.wasm(),
              new Provenance(stored.provenance().ociManifest(), signatures));
      store.keep(id(), release(pin), signed);
      return signed;
    } catch (ModuleSourceException notNow) {
      log.debug("{} has no answer to what signatures {} has", location(), pin.id(), notNow);
      return stored;
    }
  }

  private Release release(Pin pin) {
    return new Release(pin.id(), pin.module(), origin(), location(), pin.published());
  }

  private Release unlisted(ReleaseId id) {
    return new Release(id, null, origin(), location(), null);
  }

  @Override
  public void close() {
    source.close();
  }
}
