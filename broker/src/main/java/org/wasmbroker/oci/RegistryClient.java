package org.wasmbroker.oci;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TimeSource;

/**
 * Reads and writes the repositories of registries. Reading asks the mirrors first. Every method
 * throws an {@link OciException} when it cannot do what it is for. Thread-safe.
 */
public final class RegistryClient implements AutoCloseable {
  private final Transport transport;
  private final Pauses pauses;
  private final Endpoint endpoint;
  private final List<Mirror> mirrors;
  private final int attempts;

  /**
   * @param environment the process's variables, which name files of credentials and proxies
   * @throws IllegalArgumentException if a setting or a variable cannot be used; the message names
   *     it
   */
  public RegistryClient(OciConfig config, Map<String, String> environment) {
    this(config, environment, TimeSource.SYSTEM, Pauses.real());
  }

  RegistryClient(
      OciConfig config, Map<String, String> environment, TimeSource time, Pauses pauses) {
    this.pauses = pauses;
    this.mirrors = config.mirrors();
    this.attempts = config.limits().attempts();
    transport = new Transport(config, environment);
    var schemes = new Schemes(config.plainHttp());
    var http = new RedirectFollower(transport, schemes);
    var authenticator =
        new Authenticator(
            new CredentialStore(config.authFile(), Map.copyOf(environment)),
            new TokenServer(http, schemes, config.limits().exchange()),
            time);
    endpoint =
        new Endpoint(new Sender(http, authenticator, pauses, time), http, schemes, config.limits());
  }

  /**
   * What a reference names at present, without its bytes. The registry says so, and nothing has
   * been checked.
   *
   * @return empty if there is no such manifest
   */
  public Optional<Descriptor> head(Reference reference) {
    return found(() -> read(reference.repository(), at -> new Manifests(at).head(reference)));
  }

  /** The bytes of a manifest, checked against the digest if the reference has one. */
  public FetchedManifest manifest(Reference reference) {
    return read(reference.repository(), at -> new Manifests(at).get(reference));
  }

  /**
   * The bytes of a blob, checked against its digest and its size.
   *
   * @param maxBytes of which it may have no more, whatever the descriptor says
   */
  public byte[] blob(Repository repository, Descriptor blob, int maxBytes) {
    return read(repository, at -> new Blobs(at).get(blob, maxBytes));
  }

  public boolean hasBlob(Repository repository, Digest digest) {
    return new Blobs(endpoint.at(repository, attempts)).exists(digest);
  }

  /** Uploads a blob, unless it is there. */
  public void putBlob(Repository repository, Descriptor blob, byte[] content) {
    new Uploads(endpoint.at(repository, attempts)).put(blob, BlobContent.of(content));
  }

  /** Uploads a file as a blob, unless it is there. */
  public void putBlob(Repository repository, Descriptor blob, Path file) {
    new Uploads(endpoint.at(repository, attempts)).put(blob, BlobContent.of(file));
  }

  /**
   * Stores a manifest, byte for byte; the blobs that it names have to be there.
   *
   * @param reference the tag that is to name it, or its digest
   */
  public void putManifest(Reference reference, String mediaType, Document manifest) {
    new Manifests(endpoint.at(reference.repository(), attempts))
        .put(reference, mediaType, manifest);
  }

  /** All tags; none if there is no such repository. */
  public List<String> tags(Repository repository) {
    return found(() -> Optional.of(read(repository, at -> new Tags(at).list()))).orElse(List.of());
  }

  /**
   * The manifests that refer to another one, such as its signatures.
   *
   * @param artifactType of which they are, or null for all
   */
  public List<Descriptor> referrers(
      Repository repository, Digest subject, @Nullable String artifactType) {
    return read(repository, at -> new Referrers(at).list(subject)).stream()
        .filter(referrer -> artifactType == null || artifactType.equals(referrer.artifactType()))
        .toList();
  }

  /**
   * Stores a manifest that refers to another one, so that {@link #referrers} finds it, also where
   * the registry does not keep such lists itself.
   */
  public Digest attach(Repository repository, ImageManifest manifest) {
    return new Referrers(endpoint.at(repository, attempts)).attach(manifest);
  }

  /** Makes a reference name nothing any more; many registries do not allow it. */
  public void delete(Reference reference) {
    new Manifests(endpoint.at(reference.repository(), attempts)).delete(reference);
  }

  /** From the first mirror that has it, or else from the registry. */
  private <T> T read(Repository repository, Function<Place, T> operation) {
    for (var mirror : mirrors) {
      if (mirror.registry().equals(repository.registry())) {
        try {
          return operation.apply(endpoint.at(mirror.repository(repository), 1));
        } catch (OciException notThere) {
          // the next one, and the registry itself at last, whose failure counts
        }
      }
    }
    return operation.apply(endpoint.at(repository, attempts));
  }

  private static <T> Optional<T> found(Supplier<Optional<T>> operation) {
    try {
      return operation.get();
    } catch (OciException failure) {
      if (failure.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    pauses.close();
    transport.close();
  }
}
