package org.wasmbroker.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The certificate authorities that are trusted: the system's and the operator's own. */
public final class TlsTrust {
  private TlsTrust() {}

  /**
   * @param extraCa a file of PEM certificates, or null
   * @param setting the setting that names the file
   * @throws IllegalArgumentException if the file cannot be read; the message names the setting
   */
  public static SSLContext sslContext(@Nullable Path extraCa, String setting) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(
          null,
          extraCa == null ? trustManagers(null) : trustManagers(systemAndExtra(extraCa)),
          null);
      return context;
    } catch (GeneralSecurityException | IOException broken) {
      throw new IllegalArgumentException(
          extraCa == null
              ? "the system's certificate authorities cannot be read"
              : setting + " cannot be read as PEM certificates: " + extraCa,
          broken);
    }
  }

  private static TrustManager[] trustManagers(@Nullable KeyStore store)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyStore systemAndExtra(Path extraCa)
      throws GeneralSecurityException, IOException {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (var manager : trustManagers(null)) {
      if (manager instanceof X509TrustManager known) {
        for (var authority : known.getAcceptedIssuers()) {
          store.setCertificateEntry("system-" + number++, authority);
        }
      }
    }
    try (var pem = Files.newInputStream(extraCa)) {
      var extra = CertificateFactory.getInstance("X.509").generateCertificates(pem);
      if (extra.isEmpty()) {
        throw new GeneralSecurityException("it contains no certificates");
      }
      for (var authority : extra) {
        store.setCertificateEntry("extra-" + number++, authority);
      }
    }
    return store;
  }
}
