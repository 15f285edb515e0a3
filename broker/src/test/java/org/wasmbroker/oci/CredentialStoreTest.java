package org.wasmbroker.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.oci.Credentials.UserPassword;

class CredentialStoreTest {
  private static final Repository REPOSITORY =
      new Repository("registry.example:5000", "team/hello");

  @TempDir private Path directory;

  private Optional<Credentials> find(String content) throws IOException {
    return find(content, REPOSITORY);
  }

  private Optional<Credentials> find(String content, Repository repository) throws IOException {
    var file = Files.writeString(directory.resolve("auth.json"), content);
    return new CredentialStore(file, Map.of("PATH", directory.toString())).find(repository);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry.example:5000",
        "https://registry.example:5000",
        "https://registry.example:5000/v1/",
        "https://registry.example:5000/v2/",
        "registry.example:5000/team",
        "registry.example:5000/team/hello",
        "*.example:5000"
      })
  void anEntryIsFoundByHostAndByRepository(String key) throws IOException {
    assertThat(find("{\"auths\":{\"%s\":{\"auth\":\"YWRhOnc6eA==\"}}}".formatted(key)))
        .contains(new UserPassword("ada", "w:x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry.example",
        "registry.example:5001",
        "example:5000",
        "registry.example:5000/te",
        "registry.example:5000/other",
        "*:5000",
        "*.*.example:5000"
      })
  void anEntryOfAnotherPlaceIsNot(String key) throws IOException {
    assertThat(find("{\"auths\":{\"%s\":{\"auth\":\"YWRhOnc=\"}}}".formatted(key))).isEmpty();
  }

  @Test
  void theMostSpecificEntryCounts() throws IOException {
    assertThat(
            find(
                """
                {"auths":{"registry.example:5000":{"username":"a","password":"1"},
                "registry.example:5000/team/hello":{"username":"b","password":"2"}}}\
                """))
        .contains(new UserPassword("b", "2"));
  }

  @Test
  void tokensAndTheOldFormOfKubernetesAreRead() throws IOException {
    assertThat(find("{\"auths\":{\"registry.example:5000\":{\"identitytoken\":\"t\"}}}"))
        .contains(new Credentials.IdentityToken("t"));
    assertThat(find("{\"auths\":{\"registry.example:5000\":{\"registrytoken\":\"t\"}}}"))
        .contains(new Credentials.AccessToken("t"));
    assertThat(find("{\"registry.example:5000\":{\"username\":\"a\",\"password\":\"b\"}}"))
        .contains(new UserPassword("a", "b"));
  }

  @ParameterizedTest
  @CsvSource({"docker.io", "registry-1.docker.io"})
  void dockersOwnKeyIsKnown(String host) throws IOException {
    assertThat(
            find(
                "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"YWRhOnc=\"}}}",
                new Repository(host, "library/x")))
        .contains(new UserPassword("ada", "w"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"auths\":{\"registry.example:5000\":{\"auth\":\"?? hidden\"}}}",
        "{\"auths\":{\"registry.example:5000\":{\"auth\":\"aGlkZGVu\"}}}",
        "{\"auths\":{\"registry.example:5000\":{\"auth\":7}}}",
        "{\"auths\":{\"registry.example:5000\":7}}",
        "{\"auths\":{},\"auths\":{}}"
      })
  void aFileThatCannotBeReadIsAnErrorThatShowsNothingOfIt(String content) {
    assertThatThrownBy(() -> find(content))
        .isInstanceOf(OciException.class)
        .hasMessageContaining("the file of registry credentials " + directory)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void theUsualPlacesAreLookedAtInTheirOrder() throws IOException {
    var named = Files.writeString(directory.resolve("named.json"), entry("named"));
    Files.createDirectories(directory.resolve("home/.docker"));
    Files.writeString(directory.resolve("home/.docker/config.json"), entry("home"));
    Files.createDirectories(directory.resolve("run/containers"));
    Files.writeString(directory.resolve("run/containers/auth.json"), entry("podman"));
    var home = directory.resolve("home").toString();
    var run = directory.resolve("run").toString();

    assertThat(user(Map.of("REGISTRY_AUTH_FILE", named.toString(), "HOME", home)))
        .isEqualTo("named");
    assertThat(user(Map.of("DOCKER_CONFIG", home, "HOME", home))).isEqualTo("home");
    assertThat(user(Map.of("HOME", run, "XDG_RUNTIME_DIR", run))).isEqualTo("podman");
    assertThat(new CredentialStore(null, Map.of()).find(REPOSITORY)).isEmpty();
    assertThatThrownBy(() -> user(Map.of("REGISTRY_AUTH_FILE", home + "/absent")))
        .hasMessageContaining("it does not exist");
  }

  private static String entry(String user) {
    return "{\"auths\":{\"registry.example:5000\":{\"username\":\"%s\",\"password\":\"p\"}}}"
        .formatted(user);
  }

  private static String user(Map<String, String> environment) {
    return ((UserPassword) new CredentialStore(null, environment).find(REPOSITORY).orElseThrow())
        .user();
  }

  @Test
  void aHelperIsAskedForTheServer() throws IOException {
    helper("read s; echo \"{\\\"Username\\\":\\\"ada\\\",\\\"Secret\\\":\\\"of $s\\\"}\"");

    assertThat(find("{\"credsStore\":\"test\"}"))
        .contains(new UserPassword("ada", "of registry.example:5000"));
    assertThat(find("{\"credHelpers\":{\"registry.example:5000\":\"test\"}}"))
        .contains(new UserPassword("ada", "of registry.example:5000"));
    assertThat(find("{\"credHelpers\":{\"other.example\":\"test\"}}")).isEmpty();
  }

  @Test
  void aHelperThatHasNoneOrSaysNonsenseIsTold() throws IOException {
    helper("exit 1");
    assertThat(find("{\"credsStore\":\"test\"}")).isEmpty();
    helper("echo hidden");
    assertThatThrownBy(() -> find("{\"credsStore\":\"test\"}"))
        .hasMessageContaining("docker-credential-test")
        .hasMessageContaining("not the JSON that is expected")
        .hasMessageNotContaining("hidden");
    assertThatThrownBy(() -> find("{\"credsStore\":\"absent\"}"))
        .hasMessageContaining("it is not in the PATH");
    assertThatThrownBy(() -> find("{\"credsStore\":\"../test\"}"))
        .hasMessageContaining("its name is not valid");
  }

  private void helper(String script) throws IOException {
    var file =
        Files.writeString(
            directory.resolve("docker-credential-test"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void credentialsAreNeverPrinted() {
    assertThat(new UserPassword("ada", "hidden") + " " + new Credentials.IdentityToken("hidden"))
        .doesNotContain("hidden");
  }
}
