package org.wasmbroker.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * The manifest of one artifact: its config and its layers.
 *
 * @param mediaType {@link MediaTypes#IMAGE_MANIFEST}, or Docker's, which has the same members
 * @param artifactType what it is, where that is not the config's media type; or null
 * @param subject the manifest that this one says something about, such as a signature; or null
 * @param annotations ordered by their names
 */
public record ImageManifest(
    String mediaType,
    @Nullable String artifactType,
    Descriptor config,
    List<Descriptor> layers,
    @Nullable Descriptor subject,
    Map<String, String> annotations) {

  public ImageManifest {
    layers = List.copyOf(layers);
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  /** One of an OCI artifact whose type is that of its config. */
  public ImageManifest(
      Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
    this(MediaTypes.IMAGE_MANIFEST, null, config, layers, null, annotations);
  }

  /** What it is: the artifact type, or else the config's media type. */
  public String type() {
    return artifactType == null ? config.mediaType() : artifactType;
  }

  /**
   * Reads a manifest.
   *
   * @param what for the message, such as {@code the manifest of …}
   * @throws OciException if it is not valid, with all problems
   */
  public static ImageManifest read(String what, Document document) {
    var parsed = ManifestJson.parse(what, document.bytes());
    var root = parsed.object();
    root.integer("schemaVersion", 2, 2);
    var mediaType = ManifestJson.mediaType(root, MediaTypes.IMAGE_MANIFEST);
    if (!isManifest(mediaType)) {
      root.problem("mediaType", "is not that of an image manifest, such as an index");
    }
    var config = ManifestJson.descriptor(root, "config");
    if (config == null) {
      root.problem("config", "is missing");
    }
    var layers = ManifestJson.descriptors(root, "layers");
    var subject = ManifestJson.descriptor(root, "subject");
    var artifactType = root.string("artifactType");
    var annotations = ManifestJson.annotations(root);
    ManifestJson.requireValid(what, parsed);
    return new ImageManifest(
        mediaType,
        artifactType == null || artifactType.isEmpty() ? null : artifactType,
        Objects.requireNonNull(config),
        layers,
        subject,
        annotations);
  }

  private static boolean isManifest(String mediaType) {
    return mediaType.equals(MediaTypes.IMAGE_MANIFEST)
        || mediaType.equals(MediaTypes.DOCKER_MANIFEST);
  }

  /** The canonical bytes: members in a fixed order, annotations by name, no spaces. */
  public Document document() {
    var json = ManifestJson.object(mediaType, artifactType);
    json.set("config", ManifestJson.write(config));
    json.set("layers", ManifestJson.write(layers));
    if (subject != null) {
      json.set("subject", ManifestJson.write(subject));
    }
    ManifestJson.writeAnnotations(json, annotations);
    return Document.of(json.toString());
  }
}
