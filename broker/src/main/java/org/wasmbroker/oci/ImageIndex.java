package org.wasmbroker.oci;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.step.Document;

/**
 * A list of manifests, such as those that refer to another one.
 *
 * @param annotations ordered by their names
 */
public record ImageIndex(
    String mediaType, List<Descriptor> manifests, Map<String, String> annotations) {
  public static final ImageIndex EMPTY = new ImageIndex(List.of());

  public ImageIndex {
    manifests = List.copyOf(manifests);
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  public ImageIndex(List<Descriptor> manifests) {
    this(MediaTypes.IMAGE_INDEX, manifests, Map.of());
  }

  /** The index with a manifest more, unless it has it. */
  public ImageIndex with(Descriptor manifest) {
    if (manifests.stream().anyMatch(other -> other.digest().equals(manifest.digest()))) {
      return this;
    }
    var added = new ArrayList<>(manifests);
    added.add(manifest);
    return new ImageIndex(mediaType, added, annotations);
  }

  /**
   * Reads an index.
   *
   * @param what for the message, such as {@code the index of …}
   * @throws OciException if it is not valid, with all problems
   */
  public static ImageIndex read(String what, Document document) {
    var parsed = ManifestJson.parse(what, document.bytes());
    var root = parsed.object();
    root.integer("schemaVersion", 2, 2);
    var mediaType = ManifestJson.mediaType(root, MediaTypes.IMAGE_INDEX);
    if (!isIndex(mediaType)) {
      root.problem("mediaType", "is not that of an index");
    }
    var manifests = ManifestJson.descriptors(root, "manifests");
    var annotations = ManifestJson.annotations(root);
    ManifestJson.requireValid(what, parsed);
    return new ImageIndex(mediaType, manifests, annotations);
  }

  static boolean isIndex(String mediaType) {
    return mediaType.equals(MediaTypes.IMAGE_INDEX) || mediaType.equals(MediaTypes.DOCKER_LIST);
  }

  /** The canonical bytes: members in a fixed order, annotations by name, no spaces. */
  public Document document() {
    var json = ManifestJson.object(mediaType, null);
    json.set("manifests", ManifestJson.write(manifests));
    ManifestJson.writeAnnotations(json, annotations);
    return Document.of(json.toString());
  }
}
