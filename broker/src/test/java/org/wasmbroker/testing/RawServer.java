package org.wasmbroker.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on loopback that sends whatever a test wants, byte for byte: it runs a script for each
 * connection, and closes the connection when the script ends.
 */
public final class RawServer implements AutoCloseable {
  private final ServerSocket listener;
  private final Script script;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();

  /** Serves one connection. */
  @FunctionalInterface
  public interface Script {
    void serve(Client client) throws IOException;
  }

  private RawServer(ServerSocket listener, Script script) {
    this.listener = listener;
    this.script = script;
  }

  public static RawServer start(Script script) {
    return start(InetAddress.ofLiteral("127.0.0.1"), 0, script);
  }

  /**
   * @param port one that a server uses at another address, or 0 for any
   */
  public static RawServer start(InetAddress address, int port, Script script) {
    try {
      var server = new RawServer(new ServerSocket(port, 50, address), script);
      Thread.ofVirtual().start(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Responds to each request with the same bytes, and keeps the connection open. */
  public static RawServer responding(String response) {
    return start(
        client -> {
          while (client.readRequest()) {
            client.write(response);
          }
        });
  }

  public int port() {
    return listener.getLocalPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  /** The number of accepted connections. */
  public int accepted() {
    return accepted.get();
  }

  /** All requests in order of arrival, heads with bodies. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var socket = listener.accept();
        accepted.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      script.serve(new Client(socket));
    } catch (IOException disconnected) {
      // the client went away, which is what many tests are about
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (var socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One connection. */
  public final class Client {
    private final Socket socket;
    private final InputStream in;
    private String lastRequest = "";

    private Client(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Reads a whole request; false when the client has closed the connection. */
    public boolean readRequest() throws IOException {
      var head = head();
      if (head.isEmpty()) {
        return false;
      }
      var length =
          head.lines()
              .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
              .findFirst();
      if (length.isPresent()) {
        int bytes = Integer.parseInt(length.orElseThrow().substring(15).strip());
        head += new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
      }
      received(head);
      return true;
    }

    /** Reads the head of a request, and leaves its body unread. */
    public void readHead() throws IOException {
      received(head());
    }

    /** Empty when the client has closed the connection. */
    private String head() throws IOException {
      var head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int b = in.read();
        if (b < 0) {
          return "";
        }
        head.append((char) b);
      }
      return head.toString();
    }

    private void received(String request) {
      lastRequest = request;
      requests.add(request);
    }

    /** The last request. */
    public String lastRequest() {
      return lastRequest;
    }

    /** Forwards both directions until one side closes. */
    public void relay(Socket other) throws IOException {
      Thread.ofVirtual().start(() -> copy(other, socket));
      in.transferTo(other.getOutputStream());
    }

    private static void copy(Socket from, Socket to) {
      try (from;
          to) {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException disconnected) {
        // one of the two has closed
      }
    }

    public void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void write(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    }

    /** Writes the text repeatedly until the client disconnects. */
    public void writeForever(String text) throws IOException {
      while (true) {
        write(text);
      }
    }

    /** Writes one byte at a time at this interval, until the client disconnects. */
    public void drip(String text, int millis) throws IOException {
      socket.setSoTimeout(millis);
      for (int i = 0; i < text.length(); i++) {
        write(text.substring(i, i + 1));
        if (clientDisconnected()) {
          return;
        }
      }
    }

    /** Ends the connection with a reset, as a server does that is killed. */
    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Ends the direction to the client; the other one stays open. */
    public void finishWriting() throws IOException {
      socket.shutdownOutput();
    }

    /** Sends nothing more, and waits until the client disconnects. */
    public void awaitClose() throws IOException {
      socket.setSoTimeout(0);
      while (in.read() >= 0) {
        // whatever it says
      }
    }

    private boolean clientDisconnected() throws IOException {
      try {
        return in.read() < 0;
      } catch (java.net.SocketTimeoutException stillThere) {
        return false;
      } catch (SocketException disconnected) {
        return true;
      }
    }
  }
}
