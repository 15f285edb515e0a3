package org.wasmbroker.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.wasmbroker.testing.RawServer;

/**
 * The servers that hostile guests talk to: misbehaving ones on an address that the policy lists,
 * one on an address that it does not list, and names that resolve to both.
 */
final class HostileServers implements AutoCloseable {
  /** In a network that the policy lists. */
  private static final String LISTED = "127.0.0.2";

  private static final String NOT_LISTED = "127.0.0.1";
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String EMPTY = OK + "content-length: 0\r\n\r\n";

  /** Guests' requests must never arrive here. */
  private final RawServer victim = RawServer.start(address(NOT_LISTED), 0, respondingWith(EMPTY));

  private final RawServer good = RawServer.start(address(LISTED), 0, respondingWith(EMPTY));
  private final RawServer metadata =
      RawServer.start(
          address(LISTED), 0, respondingWith(redirect("http://169.254.169.254/latest/meta-data/")));
  private final RawServer internalRedirect =
      RawServer.start(
          address(LISTED), 0, respondingWith(redirect("http://inside.test:" + victim.port())));
  private final RawServer redirectLoop =
      RawServer.start(address(LISTED), 0, respondingWith(redirect("/again")));
  private final RawServer drip =
      RawServer.start(
          address(LISTED),
          0,
          client -> {
            client.readRequest();
            client.write(OK + "content-length: 1000\r\n\r\n");
            client.drip("x".repeat(1000), 20);
          });
  private final RawServer endless =
      RawServer.start(
          address(LISTED),
          0,
          client -> {
            client.readRequest();
            client.write(OK + "\r\n");
            client.writeForever("x".repeat(60_000));
          });
  private final RawServer bomb =
      RawServer.start(
          address(LISTED),
          0,
          client -> {
            client.readRequest();
            client.write(OK + "content-encoding: gzip\r\nconnection: close\r\n\r\n");
            client.write(BOMB);
          });
  private final RawServer headers =
      RawServer.start(
          address(LISTED),
          0,
          client -> {
            client.readRequest();
            client.write(OK);
            client.writeForever("x-flood: " + "x".repeat(1000) + "\r\n");
          });
  private final RawServer smuggler =
      RawServer.start(
          address(LISTED),
          0,
          respondingWith(
              OK
                  + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n"
                  + "0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged"));

  /** 100 MiB of zeros in 100 kB. */
  private static final byte[] BOMB = gzip(new byte[100 << 20]);

  private final AtomicInteger names = new AtomicInteger();
  private final Set<String> lookedUp = ConcurrentHashMap.newKeySet();

  /** Resolves names for the broker. */
  List<InetAddress> resolve(String name) throws UnknownHostException {
    return switch (name) {
      case "listed.test" -> List.of(address(LISTED));
      case "inside.test" -> List.of(address(NOT_LISTED));
      case "both.test" -> List.of(address(LISTED), address(NOT_LISTED));
      default -> {
        if (!name.startsWith("changing-")) {
          throw new UnknownHostException(name);
        }
        yield List.of(address(lookedUp.add(name) ? LISTED : NOT_LISTED));
      }
    };
  }

  /**
   * A unique name for each step, which resolves to a different address from the second lookup on.
   */
  String changingName() {
    return "changing-" + names.getAndIncrement() + ".test";
  }

  int victim() {
    return victim.port();
  }

  int good() {
    return good.port();
  }

  int metadata() {
    return metadata.port();
  }

  int internalRedirect() {
    return internalRedirect.port();
  }

  int redirectLoop() {
    return redirectLoop.port();
  }

  int drip() {
    return drip.port();
  }

  int endless() {
    return endless.port();
  }

  int bomb() {
    return bomb.port();
  }

  int headers() {
    return headers.port();
  }

  int smuggler() {
    return smuggler.port();
  }

  /** The number of connections to the server that no guest may reach. */
  int victimConnections() {
    return victim.accepted();
  }

  /** All requests to the reachable server. */
  List<String> requests() {
    return good.requests();
  }

  private static RawServer.Script respondingWith(String response) {
    return client -> {
      while (client.readRequest()) {
        client.write(response);
      }
    };
  }

  private static String redirect(String to) {
    return "HTTP/1.1 302 Found\r\nlocation: " + to + "\r\ncontent-length: 0\r\n\r\n";
  }

  private static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  @Override
  public void close() {
    List.of(
            victim,
            good,
            metadata,
            internalRedirect,
            redirectLoop,
            drip,
            endless,
            bomb,
            headers,
            smuggler)
        .forEach(RawServer::close);
  }
}
