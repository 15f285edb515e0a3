package org.wasmbroker.secret;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.SecretName;
import org.wasmbroker.step.TimeSource;

/**
 * Several sources, asked in order: the first that has a secret gives it. One that has it and cannot
 * give it ends the search, so that an outdated value of a later one is not taken for it.
 */
public final class SecretStore {
  private static final Logger log = LoggerFactory.getLogger(SecretStore.class);

  /** Without any secret. */
  public static final SecretStore NONE = new SecretStore(List.of());

  private final List<SecretSource> sources;

  public SecretStore(List<SecretSource> sources) {
    this.sources = List.copyOf(sources);
  }

  /** The directory, where there is one, and then the environment. */
  public static SecretStore open(
      SecretsConfig config, Map<String, String> environment, TimeSource time) {
    var sources = new ArrayList<SecretSource>();
    var directory = config.directory();
    if (directory != null) {
      if (!Files.isDirectory(directory)) {
        log.atWarn()
            .addKeyValue("directory", directory)
            .log("secrets.directory is no directory; its secrets are not found until it is");
      }
      sources.add(new DirectorySecrets(directory, config.refresh(), time));
    }
    sources.add(new EnvironmentSecrets(config.environmentPrefix(), environment));
    return new SecretStore(sources);
  }

  /** Where secrets are looked for, for messages. */
  public List<String> locations() {
    return sources.stream().map(SecretSource::location).toList();
  }

  /**
   * The value as it is now, which the caller closes.
   *
   * @throws SecretUnavailableException if there is one that cannot be used
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
    if (!LeakScanner.canScan(value.bytes())) {
      value.close();
      throw new SecretUnavailableException(
          "secret %s of %s has fewer than %d bytes; it could not be told from other text"
              .formatted(name, source.location(), LeakScanner.MIN_VALUE_BYTES),
          null);
    }
    return value;
  }
}
