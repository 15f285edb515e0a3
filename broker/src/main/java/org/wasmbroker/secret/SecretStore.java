package org.wasmbroker.secret;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.step.TimeSource;

/**
 * Several sources, searched in order; the first that has a secret wins. A source that has it but
 * cannot read it ends the search, so that an outdated value of a later source is not used instead.
 */
public final class SecretStore {
  private static final Logger log = LoggerFactory.getLogger(SecretStore.class);

  /** A store without secrets. */
  public static final SecretStore NONE = new SecretStore(List.of());

  private final List<SecretSource> sources;

  public SecretStore(List<SecretSource> sources) {
    this.sources = List.copyOf(sources);
  }

  /** Opens the directory, if configured, and the environment, in this order. */
  public static SecretStore open(
      SecretsConfig config, Map<String, String> environment, TimeSource time) {
    var sources = new ArrayList<SecretSource>();
    var directory = config.directory();
    if (directory != null) {
      if (!Files.isDirectory(directory)) {
        log.atWarn()
            .addKeyValue("directory", directory)
            .log("secrets.directory is not a directory; its secrets are unavailable until it is");
      }
      sources.add(new DirectorySecrets(directory, config.refresh(), time));
    }
    sources.add(new EnvironmentSecrets(config.environmentPrefix(), environment));
    return new SecretStore(sources);
  }

  /** The locations that are searched, for messages. */
  public List<String> locations() {
    return sources.stream().map(SecretSource::location).toList();
  }

  /**
   * The current value, which the caller closes.
   *
   * @throws SecretUnavailableException if it exists, but cannot be used
   */
  public Optional<SecretValue> find(SecretName name) {
    for (var source : sources) {
      var value = source.find(name);
      if (value != null) {
        return Optional.of(requireScannable(name, value, source));
      }
    }
    return Optional.empty();
  }

  private static SecretValue requireScannable(
      SecretName name, SecretValue value, SecretSource source) {
    if (!SecretPatterns.isSearchable(value.bytes())) {
      value.close();
      throw new SecretUnavailableException(
          "secret %s of %s has fewer than %d bytes; it could not be distinguished from other text"
              .formatted(name, source.location(), SecretPatterns.MIN_VALUE_BYTES),
          null);
    }
    return value;
  }
}
