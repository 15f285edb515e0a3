package org.wasmbroker.project;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Version;

/**
 * The directory in which a handler is written: a manifest, and a {@code handler.yaml} that says how
 * its module is built. Without that file, it is a finished handler: {@code module.wasm} beside its
 * manifest.
 *
 * @param directory absolute
 * @param module where the build leaves the module, a module in the text format, or the script that
 *     an interpreter runs; absolute
 * @param build the command that builds it, with its arguments; empty if there is nothing to build
 * @param tools how to install the commands that the build needs
 * @param interpreter the handler of this broker whose module runs the script; null if there is none
 */
public record HandlerProject(
    Path directory,
    Path module,
    List<String> build,
    Map<String, String> tools,
    @Nullable ReleaseId interpreter) {
  public static final String MANIFEST = "manifest.json";

  private static final String FILE = "handler.yaml";
  private static final String FINISHED_MODULE = "module.wasm";
  private static final List<String> SCRIPTS = List.of(".js", ".mjs", ".ts", ".mts", ".py");
  private static final int MAX_FILE_BYTES = 1 << 16;
  private static final int MAX_ARGUMENTS = 200;
  private static final DocumentReader YAML = new DocumentReader(Syntax.YAML, MAX_FILE_BYTES, 10);

  public HandlerProject {
    build = List.copyOf(build);
    tools = Map.copyOf(tools);
  }

  /**
   * Reads what a directory says about itself; builds nothing.
   *
   * @throws ProjectException if there is no handler in it, or its file is invalid
   */
  public static HandlerProject open(Path directory) throws IOException {
    var root = directory.toAbsolutePath().normalize();
    if (!Files.isDirectory(root)) {
      throw new ProjectException(
          "there is no directory " + root + "; 'wasm-broker new NAME' makes a project");
    }
    if (!Files.exists(root.resolve(MANIFEST))) {
      throw new ProjectException(
          "%s has no %s, so it is no handler; 'wasm-broker new NAME' makes a project"
              .formatted(root, MANIFEST));
    }
    var file = root.resolve(FILE);
    if (!Files.exists(file)) {
      return new HandlerProject(root, root.resolve(FINISHED_MODULE), List.of(), Map.of(), null);
    }
    var parsed = YAML.read(file.toString(), BoundedFiles.read(file, MAX_FILE_BYTES));
    var project = read(root, parsed.object());
    if (parsed.hasProblems()) {
      throw new ProjectException(Problem.join(parsed.problems()));
    }
    return project;
  }

  /** A project of which nothing is known: its file is invalid. */
  public static HandlerProject unreadable(Path directory) {
    return new HandlerProject(
        directory, directory.resolve("target").resolve(FINISHED_MODULE), List.of(), Map.of(), null);
  }

  private static HandlerProject read(Path root, ObjectReader file) {
    var module = file.value("module", text -> inside(root, text));
    if (!file.has("module")) {
      file.problem("module", "is missing; it is the path of the module that the build makes");
    }
    var build =
        file.array("build", MAX_ARGUMENTS, item -> Optional.ofNullable(item.parse(text -> text)));
    var tools = Template.texts(file.object("tools"));
    var interpreter = file.value("interpreter", HandlerProject::release);
    if (module != null && isScript(module) && !file.has("interpreter")) {
      file.problem("interpreter", "is missing; a script needs one, such as javascript@1.0.0");
    }
    file.finish();
    return new HandlerProject(root, orRoot(module, root), build, tools, interpreter);
  }

  private static boolean isScript(Path module) {
    return SCRIPTS.stream().anyMatch(String.valueOf(module.getFileName())::endsWith);
  }

  private static ReleaseId release(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException("must have a version, such as javascript@1.0.0");
    }
    return new ReleaseId(
        new HandlerRef(text.substring(0, at), null).name(), Version.parse(text.substring(at + 1)));
  }

  /** A project that has problems is not used. */
  private static Path orRoot(@Nullable Path module, Path root) {
    return module == null ? root : module;
  }

  private static Path inside(Path root, String text) {
    var path = root.resolve(text).normalize();
    if (text.isEmpty() || path.equals(root) || !path.startsWith(root)) {
      throw new IllegalArgumentException("must be a path in the project's directory");
    }
    return path;
  }

  /** Whether the broker itself makes the module of a text: it is assembled, or a script. */
  public boolean isText() {
    return interpreter != null || String.valueOf(module.getFileName()).endsWith(".wat");
  }

  Path manifest() {
    return directory.resolve(MANIFEST);
  }

  /** For messages: the path as seen from the project's directory. */
  public Path relative(Path file) {
    return directory.relativize(file);
  }

  /**
   * The manifest as it is.
   *
   * @throws NoSuchFileException if there is none any more
   */
  public byte[] manifestBytes() throws IOException {
    return BoundedFiles.read(manifest(), MAX_MANIFEST_BYTES);
  }

  static final int MAX_MANIFEST_BYTES = 1 << 20;
}
