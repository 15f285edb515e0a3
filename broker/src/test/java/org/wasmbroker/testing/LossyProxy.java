package org.wasmbroker.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.DatabaseConfig;

/**
 * A proxy between a worker and its Postgres that can lose exactly what a test wants to lose: a
 * statement before it reaches the server, or its response after the server has committed. The
 * worker sees a closed connection, and cannot distinguish the two.
 */
public final class LossyProxy implements AutoCloseable {
  /** The end of every response of the server: ready for the next statement, no open transaction. */
  private static final byte[] READY = {'Z', 0, 0, 0, 5, 'I'};

  private final DatabaseConfig config;
  private final InetSocketAddress server;
  private final ServerSocket listening;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Loss> next = new AtomicReference<>();

  /** What to lose, once: the first statement that contains the text, or its response. */
  private record Loss(String statement, boolean answer) {}

  /**
   * @param config of the server, which may be stopped and started
   */
  public LossyProxy(DatabaseConfig config) {
    this.config = config;
    var address = URI.create(config.url().substring("jdbc:".length()));
    this.server = new InetSocketAddress(address.getHost(), address.getPort());
    try {
      this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("lossy-proxy").start(this::accept);
  }

  /** For workers: the same database, through this proxy. */
  public DatabaseConfig config() {
    return new DatabaseConfig(
        config
            .url()
            .replace(
                "//%s:%d/".formatted(server.getHostString(), server.getPort()),
                "//127.0.0.1:%d/".formatted(listening.getLocalPort())),
        config.user(),
        config.password(),
        config.poolSize(),
        config.connectTimeout(),
        config.queryTimeout());
  }

  /** The next statement that contains this text does not reach the server. */
  public void loseStatement(String containing) {
    next.set(new Loss(containing, false));
  }

  /** The next statement that contains this text is committed, but its response is lost. */
  public void loseResponse(String containing) {
    next.set(new Loss(containing, true));
  }

  /** Whether the loss has happened. */
  public boolean hasLost() {
    return next.get() == null;
  }

  /** Closes all connections; running statements continue in the server. */
  public void disconnectAll() {
    connections.forEach(Connection::close);
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    disconnectAll();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        new Connection(listening.accept(), new Socket()).start();
      } catch (IOException closed) {
        // Asked in the loop's condition.
      }
    }
  }

  private final class Connection {
    private final Socket worker;
    private final Socket upstream;
    private volatile boolean discardsResponses;

    private Connection(Socket worker, Socket upstream) {
      this.worker = worker;
      this.upstream = upstream;
    }

    private void start() {
      connections.add(this);
      try {
        upstream.connect(server);
      } catch (IOException serverAway) {
        close();
        return;
      }
      Thread.ofVirtual().name("lossy-proxy-statements").start(() -> pump(this::forwardStatements));
      Thread.ofVirtual().name("lossy-proxy-answers").start(() -> pump(this::forwardResponses));
    }

    private interface Pump {
      void run() throws IOException;
    }

    private void pump(Pump pump) {
      try {
        pump.run();
      } catch (IOException closed) {
        // One side is gone, and the other learns of it now.
      } finally {
        close();
      }
    }

    /** A statement may arrive in several chunks: its text is searched across two of them. */
    private void forwardStatements() throws IOException {
      var buffer = new byte[1 << 16];
      var seen = "";
      InputStream in = worker.getInputStream();
      OutputStream out = upstream.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        seen = tail(seen) + new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
        var loss = next.get();
        if (loss != null && seen.contains(loss.statement()) && next.compareAndSet(loss, null)) {
          if (!loss.answer()) {
            return;
          }
          discardsResponses = true;
        }
        out.write(buffer, 0, read);
      }
    }

    private static String tail(String seen) {
      return seen.substring(Math.max(0, seen.length() - 1000));
    }

    private void forwardResponses() throws IOException {
      var buffer = new byte[1 << 16];
      var discarded = new byte[0];
      InputStream in = upstream.getInputStream();
      OutputStream out = worker.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (discardsResponses) {
          discarded = lastBytes(discarded, buffer, read);
          if (Arrays.equals(discarded, READY)) {
            return;
          }
        } else {
          out.write(buffer, 0, read);
        }
      }
    }

    /** The last bytes of the previous ones followed by the new ones. */
    private static byte[] lastBytes(byte[] before, byte[] buffer, int read) {
      var all = Arrays.copyOf(before, before.length + read);
      System.arraycopy(buffer, 0, all, before.length, read);
      return Arrays.copyOfRange(all, Math.max(0, all.length - READY.length), all.length);
    }

    private void close() {
      connections.remove(this);
      close(worker);
      close(upstream);
    }

    private static void close(Socket socket) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
