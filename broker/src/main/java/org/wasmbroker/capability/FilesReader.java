package org.wasmbroker.capability;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.FilesRequest.RequestedDirectory;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;

/** Reads the directories that a manifest requests, and what a rule permits. */
final class FilesReader {
  private static final String NAME = "files";
  private static final int MAX_DIRECTORIES = 16;
  private static final int MAX_PATH_CHARS = 200;
  private static final Pattern PATH = Pattern.compile("/|(/[A-Za-z0-9._-]{1,100})+");

  private FilesReader() {}

  /** A manifest's: names with a mode, or with an object of a mode and a source. */
  static FilesRequest readRequest(ObjectReader capabilities) {
    if (!capabilities.has(NAME)) {
      return FilesRequest.NONE;
    }
    var section = capabilities.object(NAME);
    var directories = new ArrayList<RequestedDirectory>();
    section
        .entries()
        .forEach((path, value) -> directory(section, path, value).ifPresent(directories::add));
    if (directories.size() > MAX_DIRECTORIES) {
      section.problem("has more than " + MAX_DIRECTORIES + " directories");
    }
    return new FilesRequest(directories);
  }

  private static Optional<RequestedDirectory> directory(
      ObjectReader section, String path, DocumentValue value) {
    var problem = pathProblem(path);
    if (problem != null) {
      section.problem(SafeText.sanitize(path, MAX_PATH_CHARS), problem);
      return Optional.empty();
    }
    if (!value.json().isObject()) {
      var mode = value.parse(DirectoryMode::parse);
      return mode == null
          ? Optional.empty()
          : Optional.of(new RequestedDirectory(path, mode, DirectorySource.EMPTY));
    }
    var members = value.object();
    var mode = members.value("mode", DirectoryMode::parse);
    var source = members.value("from", DirectorySource::parse);
    if (!members.has("mode")) {
      members.problem("has no mode: read, write or read-write");
    }
    members.finish();
    return mode == null
        ? Optional.empty()
        : members.create(
            () ->
                new RequestedDirectory(
                    path, mode, source == null ? DirectorySource.EMPTY : source));
  }

  /** A rule's: a size, or an object of keys. */
  static FilesPermit readRule(ObjectReader rule) {
    var member = rule.member(NAME);
    if (member == null) {
      return FilesPermit.NONE;
    }
    if (!member.json().isObject()) {
      var permit = member.parse(text -> FilesPermit.ofSize(size(text)));
      return permit == null ? FilesPermit.NONE : permit;
    }
    var section = member.object();
    var size = section.value("size", FilesReader::size);
    var entries = section.value("entries", FilesReader::entries);
    var mode = section.value("mode", DirectoryMode::parse);
    var directories = section.has("directories") ? directories(section) : Map.<String, Path>of();
    section.finish();
    if (!section.has("size")) {
      section.problem("has no size, such as 16MiB");
    }
    if (size == null) {
      return FilesPermit.NONE;
    }
    return section
        .create(
            () ->
                new FilesPermit(
                    size,
                    entries == null ? FilesPermit.DEFAULT_ENTRIES : entries,
                    mode == null ? DirectoryMode.READ_WRITE : mode,
                    directories))
        .orElse(FilesPermit.NONE);
  }

  private static Map<String, Path> directories(ObjectReader section) {
    var listed = section.object("directories");
    var directories = new LinkedHashMap<String, Path>();
    listed
        .entries()
        .forEach(
            (path, value) -> {
              var problem = pathProblem(path);
              if (problem != null) {
                listed.problem(SafeText.sanitize(path, MAX_PATH_CHARS), problem);
              }
              var directory = value.parse(FilesReader::absolute);
              if (problem == null && directory != null) {
                directories.put(path, directory);
              }
            });
    return directories;
  }

  private static @Nullable String pathProblem(String path) {
    boolean valid =
        path.length() <= MAX_PATH_CHARS
            && PATH.matcher(path).matches()
            && List.of(path.split("/")).stream().noneMatch(name -> name.matches("\\.{1,2}"));
    return valid
        ? null
        : "must be an absolute path of letters, digits, '.', '_' and '-', such as /step";
  }

  private static Path absolute(String text) {
    try {
      var path = Path.of(text);
      if (path.isAbsolute()) {
        return path.normalize();
      }
    } catch (InvalidPathException invalid) {
      throw invalid(text, "the absolute path of a directory");
    }
    throw invalid(text, "the absolute path of a directory");
  }

  private static long size(String text) {
    return QuantityParser.parseBytes(text)
        .orElseThrow(() -> invalid(text, "a size such as 65536 or 16MiB"));
  }

  private static int entries(String text) {
    if (!text.matches("[0-9]{1,6}")) {
      throw invalid(text, "a whole number of at most 100000");
    }
    return Integer.parseInt(text);
  }

  private static IllegalArgumentException invalid(String text, String allowed) {
    return new IllegalArgumentException(
        "must be " + allowed + ", was '" + SafeText.sanitize(text, 40) + "'");
  }
}
