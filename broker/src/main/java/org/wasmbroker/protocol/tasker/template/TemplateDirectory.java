package org.wasmbroker.protocol.tasker.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;

/**
 * Reads a directory of task templates, one per {@code .yaml}, {@code .yml} or {@code .json} file.
 */
public final class TemplateDirectory {
  private static final List<String> EXTENSIONS = List.of(".yaml", ".yml", ".json");

  private TemplateDirectory() {}

  /** A template and its file. */
  public record Entry(Path file, TaskTemplate template) {}

  /**
   * The contents of a directory.
   *
   * @param entries the valid templates, ordered by file name
   * @param problems what is wrong with the others, each with its location
   */
  public record Loaded(List<Entry> entries, List<Problem> problems) {
    public Loaded {
      entries = List.copyOf(entries);
      problems = List.copyOf(problems);
    }
  }

  /**
   * Reads every file; an invalid one does not affect the others. Two files with the same template
   * are both rejected, since it is unclear which one is meant.
   *
   * @throws TemplateException if there is no such directory, or it cannot be read
   */
  public static Loaded read(Path directory) {
    var problems = new ArrayList<Problem>();
    var byName = new LinkedHashMap<String, List<Entry>>();
    for (var file : files(directory)) {
      try {
        var template = TemplateReader.readFile(file.toString(), content(file));
        byName
            .computeIfAbsent(template.toString(), name -> new ArrayList<>())
            .add(new Entry(file, template));
      } catch (TemplateException e) {
        problems.addAll(e.problems());
      }
    }
    var entries = new ArrayList<Entry>();
    for (var same : byName.entrySet()) {
      if (same.getValue().size() == 1) {
        entries.addAll(same.getValue());
      } else {
        problems.add(duplicate(directory, same.getKey(), same.getValue()));
      }
    }
    return new Loaded(entries, problems);
  }

  private static List<Path> files(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw TemplateException.of(directory, "is not a directory");
    }
    try (var entries = Files.list(directory)) {
      return entries.filter(TemplateDirectory::isTemplate).sorted().toList();
    } catch (IOException e) {
      throw TemplateException.of(directory, "cannot be read: " + e.getMessage());
    }
  }

  private static boolean isTemplate(Path file) {
    var name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return !name.startsWith(".")
        && EXTENSIONS.stream().anyMatch(name::endsWith)
        && !Files.isDirectory(file);
  }

  private static Problem duplicate(Path directory, String template, List<Entry> entries) {
    var files = entries.stream().map(entry -> entry.file().toString());
    return new Problem(
        Location.of(directory.toString()),
        "",
        "%s is defined in several files, all of which are rejected: %s"
            .formatted(template, files.collect(Collectors.joining(", "))));
  }

  private static byte[] content(Path file) {
    try (var stream = Files.newInputStream(file)) {
      return stream.readNBytes(TemplateReader.MAX_FILE_BYTES + 1);
    } catch (IOException e) {
      throw TemplateException.of(file, "cannot be read: " + e);
    }
  }
}
