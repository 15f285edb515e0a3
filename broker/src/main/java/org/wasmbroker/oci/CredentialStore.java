package org.wasmbroker.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.document.Problem;

/**
 * Credentials in the files that other tools write: Docker's {@code config.json}, Podman's {@code
 * auth.json}, and what Kubernetes mounts of a secret for registries ({@code .dockerconfigjson}, or
 * the older {@code .dockercfg}). A file is read whenever credentials are needed, so that a secret
 * that is rotated counts without a restart.
 *
 * @param configured the operator's file, which must exist; or null
 * @param environment the process's variables
 */
record CredentialStore(@Nullable Path configured, Map<String, String> environment) {
  private static final int MAX_BYTES = 1 << 20;
  private static final DocumentReader READER =
      new DocumentReader(Syntax.JSON, MAX_BYTES, 32).withoutPositions();

  /**
   * What is to be used for a repository, if anything.
   *
   * @throws OciException if the file, or a helper that it names, cannot be used
   */
  Optional<Credentials> find(Repository repository) {
    var file = file();
    if (file == null) {
      return Optional.empty();
    }
    var document = read(file);
    var found = new CredentialFile(document.object()).find(repository);
    if (document.hasProblems()) {
      throw unusable(file, Problem.join(document.problems()), null);
    }
    return switch (found) {
      case CredentialFile.None _ -> Optional.empty();
      case CredentialFile.Given(var credentials) -> Optional.of(credentials);
      case CredentialFile.AskHelper(var helper, var server) ->
          new CredentialHelper(helper, file.toString(), environment).get(server);
    };
  }

  /** Where credentials are looked for, for messages. */
  String location() {
    var file = file();
    return file == null
        ? "there is no file of credentials; set registry.oci-auth-file, or log in with a tool that"
            + " writes ~/.docker/config.json"
        : "looked in " + file;
  }

  private @Nullable Path file() {
    if (configured != null) {
      return configured;
    }
    var named = environment.get("REGISTRY_AUTH_FILE");
    if (named != null && !named.isBlank()) {
      return Path.of(named);
    }
    return Stream.of(
            in("DOCKER_CONFIG", "config.json"),
            in("HOME", ".docker/config.json"),
            in("XDG_RUNTIME_DIR", "containers/auth.json"))
        .flatMap(Optional::stream)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElse(null);
  }

  private Optional<Path> in(String variable, String file) {
    var directory = environment.get(variable);
    return directory == null || directory.isBlank()
        ? Optional.empty()
        : Optional.of(Path.of(directory).resolve(file));
  }

  private static ParsedDocument read(Path file) {
    try (var stream = Files.newInputStream(file)) {
      var document = READER.read("", stream.readNBytes(MAX_BYTES + 1));
      if (!document.hasProblems() && !document.root().isObject()) {
        document.problem("must be a JSON object");
      }
      if (document.hasProblems()) {
        throw unusable(file, Problem.join(document.problems()), null);
      }
      return document;
    } catch (NoSuchFileException absent) {
      throw unusable(file, "it does not exist", absent);
    } catch (IOException failure) {
      throw unusable(file, String.valueOf(failure.getMessage()), failure);
    }
  }

  private static OciException unusable(Path file, String why, @Nullable Throwable cause) {
    return new OciException(
        OciException.Kind.UNAUTHORIZED,
        "the file of registry credentials %s cannot be used: %s".formatted(file, why),
        cause);
  }
}
