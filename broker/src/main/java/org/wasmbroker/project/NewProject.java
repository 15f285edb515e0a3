package org.wasmbroker.project;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.step.HandlerRef;

/** Makes a project from a template. It appears as a whole or not at all. */
public final class NewProject {
  private static final Logger log = LoggerFactory.getLogger(NewProject.class);

  private NewProject() {}

  /**
   * Writes the files of a project.
   *
   * @param name of the handler
   * @param directory of the project, which must not exist
   * @return the paths that were written, relative to the directory
   * @throws ProjectException if the name is invalid or the directory exists
   */
  public static List<Path> create(Template template, String name, Path directory)
      throws IOException {
    checkName(name);
    var target = directory.toAbsolutePath().normalize();
    requireAbsent(target);
    var parent = Files.createDirectories(parentOf(target));
    var scratch = Files.createTempDirectory(parent, ".wasm-broker-new-");
    try {
      var written = write(template, name, Files.createDirectory(scratch.resolve("project")));
      requireAbsent(target);
      Files.move(scratch.resolve("project"), target);
      return written;
    } catch (FileAlreadyExistsException raced) {
      throw exists(target);
    } finally {
      delete(scratch);
    }
  }

  private static Path parentOf(Path target) {
    var parent = target.getParent();
    if (parent == null) {
      throw new ProjectException(target + " cannot be a project");
    }
    return parent;
  }

  /**
   * @throws ProjectException if no handler can have the name; the message says which names there
   *     are
   */
  public static void checkName(String name) {
    try {
      var _ = new HandlerRef(name, null);
    } catch (IllegalArgumentException invalid) {
      throw new ProjectException(String.valueOf(invalid.getMessage()), invalid);
    }
  }

  private static void requireAbsent(Path target) {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw exists(target);
    }
  }

  private static ProjectException exists(Path target) {
    return new ProjectException(
        target + " exists already; choose another name, or another directory with --dir");
  }

  private static List<Path> write(Template template, String name, Path root) throws IOException {
    var values =
        Map.of(
            "{{name}}", name, "{{crate}}", crate(name), "{{uuid}}", UUID.randomUUID().toString());
    var written = new ArrayList<Path>();
    for (var file : template.files()) {
      var text = new String(template.bytes(file), StandardCharsets.UTF_8);
      for (var value : values.entrySet()) {
        text = text.replace(value.getKey(), value.getValue());
      }
      written.add(write(root, target(file), text.getBytes(StandardCharsets.UTF_8)));
    }
    for (var file : template.copies()) {
      written.add(write(root, file, template.bytes(file)));
    }
    return List.copyOf(written);
  }

  /** Tools that make jars leave files such as {@code .gitignore} out. */
  private static String target(String file) {
    return file.equals("gitignore") ? ".gitignore" : file;
  }

  private static Path write(Path root, String file, byte[] bytes) throws IOException {
    var path = root.resolve(file);
    Files.createDirectories(parentOf(path));
    Files.write(path, bytes);
    return root.relativize(path);
  }

  /** A name that cargo accepts for a package, and that no dependency of the template has. */
  private static String crate(String name) {
    boolean taken = name.startsWith("wasm-broker-sdk") || name.startsWith("serde");
    return taken || Character.isDigit(name.charAt(0)) ? "handler-" + name : name;
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException left) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .log("a temporary directory could not be deleted");
    }
  }
}
