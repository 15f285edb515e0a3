package org.wasmbroker.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;

/**
 * A template of a project: the resources in {@code templates/<language>}, which {@code
 * template.yaml} lists, since the entries of a jar cannot be listed everywhere. What is not there
 * is that of the template on which it is based, or in {@code templates/common}: the same handler is
 * written in every language.
 *
 * @param base the language whose files it shares, or null
 * @param tools the commands that a build needs, with how to install each
 * @param files paths in the project, with placeholders in their text
 * @param copies paths in the project of files that are copied as they are
 */
public record Template(
    String language,
    @Nullable String base,
    String description,
    Map<String, String> tools,
    List<String> files,
    List<String> copies) {
  /** A new language is a directory of resources, and its name here. */
  public static final List<String> LANGUAGES =
      List.of("js", "rust", "ts", "python", "c", "go", "assemblyscript", "zig", "java", "wat");

  private static final String ROOT = "/org/wasmbroker/templates/";
  private static final DocumentReader YAML = new DocumentReader(Syntax.YAML, 1 << 16, 10);
  private static final int MAX_FILES = 1000;

  public Template {
    tools = Map.copyOf(tools);
    files = List.copyOf(files);
    copies = List.copyOf(copies);
  }

  /**
   * @throws ProjectException if there is no template for the language; the message names the others
   */
  public static Template of(String language) {
    if (!LANGUAGES.contains(language)) {
      throw new ProjectException(
          "there is no template for the language '%s'%s"
              .formatted(language, Names.suggest(language, LANGUAGES)));
    }
    var source = "templates/" + language + "/template.yaml";
    var parsed = YAML.read(source, resource("template.yaml", language));
    var template = read(language, parsed.object());
    if (parsed.hasProblems()) {
      throw new IllegalStateException(Problem.join(parsed.problems()));
    }
    return template;
  }

  private static Template read(String language, ObjectReader root) {
    var base = root.string("base");
    var description = Objects.requireNonNullElse(root.string("description"), "");
    var tools = texts(root.object("tools"));
    var files = root.array("files", MAX_FILES, Template::text);
    var copies = root.array("copies", MAX_FILES, Template::text);
    root.finish();
    return new Template(language, base, description, tools, files, copies);
  }

  private static Optional<String> text(DocumentValue value) {
    return Optional.ofNullable(value.parse(text -> text));
  }

  /** The members of an object as texts; others are problems. */
  static Map<String, String> texts(ObjectReader object) {
    var texts = new TreeMap<String, String>();
    object.entries().forEach((name, value) -> text(value).ifPresent(text -> texts.put(name, text)));
    return texts;
  }

  /** The bytes of one of its files. */
  byte[] bytes(String file) {
    return base == null
        ? resource(file, language, "common")
        : resource(file, language, base, "common");
  }

  /** The file of the first of these directories that has it. */
  private static byte[] resource(String file, String... directories) {
    for (var directory : directories) {
      var bytes = read(directory + "/" + file);
      if (bytes != null) {
        return bytes;
      }
    }
    throw new IllegalStateException(
        "this build of the broker lacks %s%s/%s".formatted(ROOT, directories[0], file));
  }

  private static byte @Nullable [] read(String name) {
    try (var stream = Template.class.getResourceAsStream(ROOT + name)) {
      return stream == null ? null : stream.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
