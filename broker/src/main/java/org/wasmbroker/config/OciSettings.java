package org.wasmbroker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.egress.HttpProxy;
import org.wasmbroker.oci.Mirror;
import org.wasmbroker.oci.OciConfig;
import org.wasmbroker.oci.OciLimits;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.source.OciSources;

/** The settings {@code registry.oci*}. */
final class OciSettings {
  private static final String NONE = "none";
  private static final SettingType<Repository> REPOSITORY =
      new SettingType<>(
          "source",
          "oci://host[:port]/path/handler, without a tag",
          text -> SettingTypes.parsed(OciSources::repository, text),
          repository -> "oci://" + repository,
          SettingTypes::printable);
  private static final SettingType<String> PLAIN_HOST =
      new SettingType<>(
          "host",
          "host, host:port, loopback or none",
          text ->
              text.equals(NONE) ? Optional.of(text) : SettingTypes.parsed(OciConfig::plain, text),
          host -> host,
          SettingTypes::printable);
  private static final SettingType<Mirror> MIRROR =
      new SettingType<>(
          "mirror",
          "registry=mirror, the mirror with a port or a path if it has one",
          text -> SettingTypes.parsed(Mirror::parse, text),
          Mirror::toString,
          SettingTypes::printable);

  static final Setting<List<Repository>> REPOSITORIES =
      Setting.optional(
          "registry.oci",
          SettingTypes.listOf(REPOSITORY),
          NONE,
          "Repositories of OCI registries that modules come from, each of one handler, which is"
              + " the last part of its name; tags that are semantic versions are its versions.",
          "oci://registry.example/handlers/hello");
  static final Setting<List<String>> PLAIN_HTTP =
      Setting.of(
          "registry.oci-plain-http",
          SettingTypes.listOf(PLAIN_HOST),
          OciConfig.DEFAULTS.plainHttp(),
          "Registries that are spoken to without TLS; `loopback` are all at this machine's own"
              + " addresses.",
          "registry.internal:5000");
  static final Setting<Path> EXTRA_CA =
      Setting.optional(
          "registry.oci-extra-ca",
          SettingTypes.PATH,
          NONE,
          "File of additional CA certificates (PEM) that registries are trusted by besides"
              + " Java's own.",
          "/etc/ssl/private-ca.pem");
  static final Setting<Path> AUTH_FILE =
      Setting.optional(
          "registry.oci-auth-file",
          SettingTypes.PATH,
          "`$REGISTRY_AUTH_FILE`, else `$DOCKER_CONFIG/config.json`, `~/.docker/config.json` or"
              + " `$XDG_RUNTIME_DIR/containers/auth.json`",
          "File of credentials for registries, in the form of Docker's `config.json` or of"
              + " Kubernetes' `.dockerconfigjson`; it is read again whenever they are needed.",
          "/var/run/secrets/registry/.dockerconfigjson");
  static final Setting<List<Mirror>> MIRRORS =
      Setting.optional(
          "registry.oci-mirrors",
          SettingTypes.listOf(MIRROR),
          NONE,
          "Registries that are asked first, in this order, for what another one has.",
          "registry.example=mirror.internal:5000");
  static final Setting<HttpProxy> PROXY =
      Setting.optional(
          "registry.oci-proxy",
          SettingTypes.PROXY,
          "`$HTTPS_PROXY`, `$HTTP_PROXY` and `$NO_PROXY`",
          "HTTP proxy for all registries but those at this machine's own addresses.",
          "http://proxy.example.org:3128");
  static final List<Setting<?>> ALL =
      List.of(REPOSITORIES, PLAIN_HTTP, EXTRA_CA, AUTH_FILE, MIRRORS, PROXY);

  private OciSettings() {}

  static OciSources read(SettingValues values) {
    var proxy = values.find(PROXY);
    return new OciSources(
        listOf(values.find(REPOSITORIES)),
        new OciConfig(
            values.get(PLAIN_HTTP).stream().filter(host -> !host.equals(NONE)).toList(),
            values.find(EXTRA_CA),
            values.find(AUTH_FILE),
            listOf(values.find(MIRRORS)),
            proxy == null ? null : proxy.toString(),
            OciLimits.DEFAULTS));
  }

  private static <T> List<T> listOf(@Nullable List<T> values) {
    return values == null ? List.of() : values;
  }
}
