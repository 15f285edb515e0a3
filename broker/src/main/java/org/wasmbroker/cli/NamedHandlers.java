package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Modules;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.publish.ArchiveLimits;
import org.wasmbroker.publish.PackageFiles;
import org.wasmbroker.publish.PackageReader;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.source.OciArtifacts;
import org.wasmbroker.step.Document;

/** Handlers as people name them: in the configured sources, in a registry, or as files. */
final class NamedHandlers {
  private final BrokerConfig config;

  NamedHandlers(BrokerConfig config) {
    this.config = config;
  }

  /**
   * The manifest of a reference, of files, or of the newest release that a handler's name means.
   */
  Manifest manifest(String text) throws IOException {
    if (RegistryClients.isReference(text)) {
      return read(pulled(text).manifest(), text);
    }
    var path = ProcessText.path(text);
    if (Files.isDirectory(path)) {
      return read(Document.of(HandlerProject.open(path).manifestBytes()), text);
    }
    if (text.contains("/") || Files.exists(path)) {
      var limits = ArchiveLimits.of(config.engine().moduleBytes());
      return read(PackageReader.read(path, limits).manifest(), text);
    }
    var found = newest(text);
    return ManifestReader.read(
        found.artifact().manifest(), found.release().id(), found.release().location());
  }

  /** The newest release in the configured sources that the name means. */
  ListedReleases.Found newest(String text) {
    var listed =
        ListedReleases.of(Modules.sources(config.registry(), config.engine().moduleBytes()));
    return listed
        .newest(text)
        .orElseThrow(
            () ->
                new UsageException(
                    "no source has a release %s; registry list shows what there is%s"
                        .formatted(text, problems(listed))));
  }

  private static String problems(ListedReleases listed) {
    return listed.problems().isEmpty() ? "" : " (" + String.join("; ", listed.problems()) + ")";
  }

  /** The files of a reference. */
  PackageFiles pulled(String text) {
    var reference = RegistryClients.manifestReference(text);
    try (var client = RegistryClients.open(config)) {
      var artifacts = new OciArtifacts(client, config.engine().moduleBytes());
      return PackageFiles.of(artifacts.fetch(reference).artifact());
    }
  }

  private static Manifest read(Document manifest, String where) {
    return ManifestReader.read(manifest, ManifestReader.identify(manifest, where), where);
  }
}
