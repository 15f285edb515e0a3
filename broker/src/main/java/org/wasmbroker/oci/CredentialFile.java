package org.wasmbroker.oci;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;

/**
 * The content of a file of credentials. Keys are hosts, as URLs or with a port or a path; the most
 * specific one counts. Kubernetes allows {@code *} for a label of the host.
 */
record CredentialFile(ObjectReader root) {
  private static final String HUB = "index.docker.io";

  /** What the file says of a repository. */
  sealed interface Found {}

  record None() implements Found {}

  record Given(Credentials credentials) implements Found {}

  /**
   * @param helper the suffix of the program {@code docker-credential-…}
   * @param server what it is asked for
   */
  record AskHelper(String helper, String server) implements Found {}

  Found find(Repository repository) {
    var helpers = new LinkedHashMap<String, DocumentValue>();
    var perHost = root.member("credHelpers");
    if (perHost != null) {
      helpers.putAll(perHost.object().entries());
    }
    for (var server : serverNames(repository)) {
      var helper = helpers.get(server);
      if (helper != null && helper.isText()) {
        return new AskHelper(helper.json().stringValue(), server);
      }
    }
    var given = given(entries(), repository);
    if (given != null) {
      return new Given(given);
    }
    var store = root.string("credsStore");
    return store == null || store.isEmpty()
        ? new None()
        : new AskHelper(store, serverNames(repository).getFirst());
  }

  /** The whole file where it is a {@code .dockercfg}. */
  private Map<String, DocumentValue> entries() {
    var auths = root.member("auths");
    if (auths != null) {
      return auths.object().entries();
    }
    return root.has("credsStore") || root.has("credHelpers") ? Map.of() : root.entries();
  }

  private static @Nullable Credentials given(
      Map<String, DocumentValue> entries, Repository repository) {
    for (var name : lookedFor(repository)) {
      for (var entry : entries.entrySet()) {
        if (matches(normalized(entry.getKey()), name)) {
          var credentials = credentials(entry.getValue());
          if (credentials != null) {
            return credentials;
          }
        }
      }
    }
    return null;
  }

  /** From the repository up to the host. */
  private static List<String> lookedFor(Repository repository) {
    var names = new ArrayList<String>();
    for (var host : serverHosts(repository)) {
      var path = repository.path();
      while (!path.isEmpty()) {
        names.add(host + "/" + path);
        int slash = path.lastIndexOf('/');
        path = slash < 0 ? "" : path.substring(0, slash);
      }
      names.add(host);
    }
    return names;
  }

  private static List<String> serverHosts(Repository repository) {
    return isHub(repository) ? List.of(repository.registry(), HUB) : List.of(repository.registry());
  }

  private static List<String> serverNames(Repository repository) {
    return isHub(repository)
        ? List.of("https://" + HUB + "/v1/", repository.registry())
        : List.of(repository.registry());
  }

  private static boolean isHub(Repository repository) {
    return repository.registry().equals("docker.io")
        || repository.registry().equals("registry-1.docker.io");
  }

  /** Without scheme, and without the path of the API. */
  private static String normalized(String key) {
    int scheme = key.indexOf("://");
    var text = scheme < 0 ? key : key.substring(scheme + 3);
    int slash = text.indexOf('/');
    var path = slash < 0 ? "" : text.substring(slash);
    if (path.equals("/") || path.matches("/v[12]/?")) {
      text = text.substring(0, slash);
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private static boolean matches(String key, String name) {
    if (!key.contains("*")) {
      return key.equals(name);
    }
    var keyParts = key.split("/", 2);
    var nameParts = name.split("/", 2);
    if (keyParts.length != nameParts.length
        || (keyParts.length == 2 && !keyParts[1].equals(nameParts[1]))) {
      return false;
    }
    var labels = keyParts[0].split("\\.", -1);
    var hostLabels = nameParts[0].split("\\.", -1);
    if (labels.length != hostLabels.length) {
      return false;
    }
    for (int i = 0; i < labels.length; i++) {
      if (!labels[i].equals("*") && !labels[i].equals(hostLabels[i])) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Credentials credentials(DocumentValue value) {
    var object = value.object();
    var identity = object.string("identitytoken");
    if (identity != null && !identity.isEmpty()) {
      return new Credentials.IdentityToken(identity);
    }
    var access = object.string("registrytoken");
    if (access != null && !access.isEmpty()) {
      return new Credentials.AccessToken(access);
    }
    var auth = object.string("auth");
    if (auth != null && !auth.isEmpty()) {
      return decoded(object, auth);
    }
    var user = object.string("username");
    var password = object.string("password");
    return user == null || password == null || user.isEmpty()
        ? null
        : new Credentials.UserPassword(user, password);
  }

  private static @Nullable Credentials decoded(ObjectReader object, String auth) {
    try {
      var text = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      if (colon > 0) {
        return new Credentials.UserPassword(
            text.substring(0, colon), text.substring(colon + 1).replaceAll("\0+$", ""));
      }
    } catch (IllegalArgumentException notBase64) {
      // said below, without the text
    }
    object.problem("auth", "is not user:password in base64");
    return null;
  }
}
