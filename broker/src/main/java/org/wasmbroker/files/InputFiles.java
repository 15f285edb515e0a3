package org.wasmbroker.files;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.sandbox.HandlerConfiguration;
import org.wasmbroker.sandbox.StepRefusedException;
import org.wasmbroker.sandbox.files.FileBudget;
import org.wasmbroker.sandbox.files.FileError;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.Space;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The member {@code files} of a step's configuration: an object with a file's path for each name,
 * and its content, a text or {@code {"base64": "…"}}.
 */
final class InputFiles {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_SHOWN = 200;

  private InputFiles() {}

  /**
   * Reads them.
   *
   * @throws StepRefusedException {@code invalid_files} if one is not within a directory that is
   *     from input, is not one file, or they are more than is granted
   */
  static List<GivenFile> read(FilesGrant granted, Step step) {
    var directories =
        granted.directories().stream()
            .filter(directory -> directory.source() == DirectorySource.INPUT)
            .sorted(Comparator.comparingInt(directory -> -directory.path().length()))
            .toList();
    if (directories.isEmpty()) {
      return List.of();
    }
    var files = new ArrayList<GivenFile>();
    for (var member : members(step.document()).properties()) {
      files.add(file(member.getKey(), member.getValue(), directories));
    }
    checkFit(granted, files);
    return List.copyOf(files);
  }

  private static JsonNode members(Document stepDocument) {
    try {
      var configuration = JSON.readTree(HandlerConfiguration.of(stepDocument).document().bytes());
      var files = configuration.path("files");
      if (files.isObject() || files.isMissingNode()) {
        return files.isObject() ? files : JSON.createObjectNode();
      }
      throw refused("config.files is not an object");
    } catch (JacksonException invalid) {
      throw refused("config is not valid JSON");
    }
  }

  private static GivenFile file(String name, JsonNode value, List<GrantedDirectory> directories) {
    for (var directory : directories) {
      var prefix = directory.path().equals("/") ? "/" : directory.path() + "/";
      if (name.startsWith(prefix)) {
        try {
          var path = FilePath.parse(name.substring(prefix.length()));
          return new GivenFile(directory.path(), path, content(name, value));
        } catch (FileException invalid) {
          throw refused(name, invalid.error());
        }
      }
    }
    throw refused(
        "config.files has %s, which is in none of the directories that take files: %s"
            .formatted(
                SafeText.sanitize(name, MAX_SHOWN),
                String.join(", ", directories.stream().map(GrantedDirectory::path).toList())));
  }

  private static Document content(String name, JsonNode value) {
    if (value.isString()) {
      return Document.of(value.stringValue());
    }
    var base64 = value.path("base64");
    if (value.isObject() && value.size() == 1 && base64.isString()) {
      try {
        return Document.of(Base64.getDecoder().decode(base64.stringValue()));
      } catch (IllegalArgumentException invalid) {
        throw refused(
            "config.files: %s is not valid base64".formatted(SafeText.sanitize(name, MAX_SHOWN)));
      }
    }
    throw refused(
        "config.files: %s is neither a text nor an object with one member base64"
            .formatted(SafeText.sanitize(name, MAX_SHOWN)));
  }

  /** Tried once, so that a run can only fail for want of memory. */
  private static void checkFit(FilesGrant granted, List<GivenFile> files) {
    var space = new Space(granted.bytes(), granted.entries(), new FileBudget(Long.MAX_VALUE));
    for (var directory : granted.directories()) {
      var tree = new FileTree(0);
      for (var file : files) {
        if (file.mount().equals(directory.path())) {
          try {
            tree.addFile(file.path(), file.content().bytes(), 0, space);
          } catch (FileException refused) {
            throw refused(
                file.mount() + "/" + String.join("/", file.path().names()), refused.error());
          }
        }
      }
    }
  }

  private static StepRefusedException refused(String path, FileError error) {
    return refused(
        "config.files: %s: %s"
            .formatted(
                SafeText.sanitize(path, MAX_SHOWN),
                switch (error) {
                  case NO_SPACE -> "the files are larger, or more, than is granted";
                  case OUTSIDE -> "leads out of its directory";
                  case NAME_TOO_LONG -> "has more than 4096 bytes, or a name of more than 255";
                  case EXISTS, NOT_DIRECTORY -> "is also the name of another file or directory";
                  default -> "is not the path of a file";
                }));
  }

  private static StepRefusedException refused(String message) {
    return new StepRefusedException(StepError.permanent("invalid_files", message));
  }
}
