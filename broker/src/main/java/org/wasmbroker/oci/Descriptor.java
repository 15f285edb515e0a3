package org.wasmbroker.oci;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;

/**
 * Names a blob or a manifest by its digest.
 *
 * @param size in bytes
 * @param artifactType of a manifest that an index names, or null
 * @param annotations ordered by their names
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    @Nullable String artifactType,
    Map<String, String> annotations) {
  private static final String ALGORITHM = "sha256:";

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("a size is 0 or more, was " + size);
    }
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, null, Map.of());
  }

  public static Descriptor of(String mediaType, byte[] content) {
    return new Descriptor(mediaType, Digest.of(content), content.length);
  }

  public Descriptor withTitle(String title) {
    return new Descriptor(mediaType, digest, size, artifactType, Map.of(Annotations.TITLE, title));
  }

  /** The annotation's value, or null. */
  public @Nullable String annotation(String name) {
    return annotations.get(name);
  }

  /** {@code sha256:…}, as digests are written in manifests and references. */
  public static String text(Digest digest) {
    return ALGORITHM + digest.hex();
  }

  /**
   * Reads {@code sha256:…}.
   *
   * @throws IllegalArgumentException if it is anything else; the message says what is allowed
   */
  public static Digest digest(String text) {
    if (!text.startsWith(ALGORITHM)) {
      throw new IllegalArgumentException(
          "must be a digest such as sha256:…; other algorithms are not supported");
    }
    return new Digest(text.substring(ALGORITHM.length()));
  }
}
