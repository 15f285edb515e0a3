package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A TLS server on loopback that responds with "hello" and records what it received. */
public final class TlsServer implements AutoCloseable {
  private static final String PASSWORD = "changeit";

  private final SSLServerSocket listener;
  private final List<String> requestedNames = new CopyOnWriteArrayList<>();
  private final List<String> requestHeads = new CopyOnWriteArrayList<>();

  /**
   * A key and its self-signed certificate.
   *
   * @param certificate a PEM file
   */
  public record Identity(Path store, Path certificate) {
    /** Creates one with the JDK's keytool. */
    public static Identity create(Path directory, String name, String address)
        throws IOException, InterruptedException {
      var store = directory.resolve("identity.p12");
      var certificate = directory.resolve("identity.pem");
      keytool(
          "-genkeypair",
          "-keystore",
          store.toString(),
          "-storepass",
          PASSWORD,
          "-alias",
          "server",
          "-keyalg",
          "EC",
          "-dname",
          "CN=" + name,
          "-ext",
          "SAN=dns:" + name + ",ip:" + address);
      keytool(
          "-exportcert",
          "-rfc",
          "-keystore",
          store.toString(),
          "-storepass",
          PASSWORD,
          "-alias",
          "server",
          "-file",
          certificate.toString());
      return new Identity(store, certificate);
    }

    /** The key and the certificate as they are in the store. */
    public KeyStore.PrivateKeyEntry entry() throws IOException, GeneralSecurityException {
      var loaded = KeyStore.getInstance("PKCS12");
      try (var file = Files.newInputStream(store)) {
        loaded.load(file, PASSWORD.toCharArray());
      }
      return (KeyStore.PrivateKeyEntry)
          loaded.getEntry("server", new KeyStore.PasswordProtection(PASSWORD.toCharArray()));
    }

    /** The key alone, as a PEM file beside the certificate. */
    public Path keyFile() throws IOException, GeneralSecurityException {
      var pem =
          "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
              .formatted(
                  Base64.getMimeEncoder(64, new byte[] {'\n'})
                      .encodeToString(entry().getPrivateKey().getEncoded()));
      return Files.writeString(certificate.resolveSibling("key.pem"), pem);
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
      var command = new ArrayList<String>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
      command.addAll(List.of(arguments));
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(output);
      }
    }
  }

  private TlsServer(SSLServerSocket listener) {
    this.listener = listener;
  }

  public static TlsServer start(Identity identity) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    try (var file = Files.newInputStream(identity.store())) {
      store.load(file, PASSWORD.toCharArray());
    }
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    var listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    var server = new TlsServer(listener);
    Thread.ofVirtual().start(server::accept);
    return server;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** The server names (SNI) that clients requested, one per connection. */
  public List<String> requestedNames() {
    return List.copyOf(requestedNames);
  }

  public List<String> requestHeads() {
    return List.copyOf(requestHeads);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var socket = (SSLSocket) listener.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(SSLSocket socket) {
    try (socket) {
      socket.startHandshake();
      ((ExtendedSSLSession) socket.getSession())
          .getRequestedServerNames()
          .forEach(name -> requestedNames.add(((SNIHostName) name).getAsciiName()));
      var head = new StringBuilder();
      for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
        head.append((char) b);
        if (head.indexOf("\r\n\r\n") >= 0) {
          requestHeads.add(head.toString());
          head.setLength(0);
          socket
              .getOutputStream()
              .write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
                      .getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException disconnected) {
      // the client went away, which is what some tests are about
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
