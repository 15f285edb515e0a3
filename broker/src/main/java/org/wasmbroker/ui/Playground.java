package org.wasmbroker.ui;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/** All files of the playground by their path, and nothing else: there is no directory behind it. */
public final class Playground {
  static final String WORKER = "/worker.js";
  private static final String INDEX = "/index.html";
  private static final String CATALOG = "/catalog.json";
  private static final String BROKER = "/broker.json";
  private static final String HEADERS = "/_headers";
  private static final List<String> OF_THE_JAR =
      List.of("index.html", "style.css", "icon.svg", "playground.js", "host.js", "worker.js");

  private final SequencedMap<String, File> files = new TreeMap<>();

  /**
   * A file.
   *
   * @param isForEver whether the path never has another content
   */
  record File(String contentType, boolean isForEver, Supplier<Document> content) {}

  /** With the modules of the handlers that the policy lets run. */
  public Playground(Status status, List<Offer> offers) {
    this(status, offers, null);
  }

  /**
   * @param broker the running broker whose status the page shows; null for none
   */
  public Playground(Status status, List<Offer> offers, @Nullable RunningBroker broker) {
    for (var name : OF_THE_JAR) {
      var content = resource(name);
      files.put("/" + name, new File(contentType(name), false, () -> content));
    }
    if (broker != null) {
      files.put(BROKER, new File("application/json", false, broker::status));
    }
    var catalog = CatalogFile.of(status, offers, broker == null ? null : broker.url());
    files.put(CATALOG, new File("application/json", false, () -> catalog));
    for (var offer : offers) {
      if (offer.handler().isTrusted()) {
        files.put(
            modulePath(offer.digest()), new File("application/wasm", true, () -> module(offer)));
      }
    }
  }

  static String modulePath(Digest digest) {
    return "/modules/" + digest.hex() + ".wasm";
  }

  /** The file under a path as a request has it; empty if there is none. */
  Optional<File> find(String path) {
    return Optional.ofNullable(files.get(path.equals("/") ? INDEX : path));
  }

  /**
   * Writes all files, and one with the headers that a server has to send with them.
   *
   * @param directory is created, or empty
   * @throws IOException if it cannot be written, or something is in it
   */
  public void export(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (var existing = Files.list(directory)) {
      if (existing.findAny().isPresent()) {
        throw new IOException("%s is not empty".formatted(directory));
      }
    }
    Files.createDirectories(directory.resolve("modules"));
    for (var file : files.entrySet()) {
      Files.write(
          directory.resolve(file.getKey().substring(1)), file.getValue().content().get().bytes());
    }
    Files.writeString(directory.resolve(HEADERS.substring(1)), headers());
  }

  /** In the form that some servers of static files read: a path, and its headers indented. */
  private static String headers() {
    var text = new StringBuilder();
    for (var path : List.of("/*", WORKER)) {
      text.append(path).append('\n');
      ContentPolicy.headers(path)
          .forEach(
              (name, value) ->
                  text.append("  ").append(name).append(": ").append(value).append('\n'));
    }
    return text.toString();
  }

  /** What the catalog named, or nothing: a module may have been replaced meanwhile. */
  private static Document module(Offer offer) {
    var wasm = offer.module().get();
    if (!wasm.digest().equals(offer.digest())) {
      throw new IllegalStateException(
          "the module of %s is another one by now".formatted(offer.handler().name()));
    }
    return Document.of(wasm.bytes());
  }

  private static Document resource(String name) {
    try (var stream = Playground.class.getResourceAsStream("web/" + name)) {
      if (stream == null) {
        throw new IllegalStateException("the jar has no file of the playground: " + name);
      }
      return Document.of(stream.readAllBytes());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String contentType(String name) {
    return switch (name.substring(name.lastIndexOf('.'))) {
      case ".html" -> "text/html; charset=utf-8";
      case ".css" -> "text/css; charset=utf-8";
      case ".svg" -> "image/svg+xml";
      default -> "text/javascript; charset=utf-8";
    };
  }
}
