package org.wasmbroker.files;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.sandbox.files.Directory;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.FileBudget;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.RegularFile;
import org.wasmbroker.sandbox.files.Space;
import org.wasmbroker.step.Document;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The directories that a step was given, as a JSON document for its recording: the grant, and what
 * the operator's directories had. What comes from the step or its module is recorded with them.
 *
 * @param operators by the names that the guest has for them
 */
public record GivenDirectories(FilesGrant granted, Map<String, FileTree> operators) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path RECORDED = Path.of("/recorded");

  public GivenDirectories {
    operators = Map.copyOf(operators);
  }

  /** Those of a step. */
  public static GivenDirectories of(StepFiles files) {
    return new GivenDirectories(files.granted(), files.operators());
  }

  /** As a document. */
  public Document write() {
    var root = JSON.createObjectNode();
    root.put("bytes", granted.bytes()).put("entries", granted.entries());
    var directories = root.putArray("directories");
    for (var directory : granted.directories()) {
      var written = directories.addObject();
      written.put("path", directory.path());
      written.put("mode", directory.mode().text()).put("from", directory.source().text());
      var tree = operators.get(directory.path());
      if (tree != null) {
        writeFiles(tree, written.putObject("files"));
      }
    }
    return Document.of(JSON.writeValueAsString(root));
  }

  private record Place(String path, Directory directory) {}

  private static void writeFiles(FileTree tree, ObjectNode files) {
    var left = new ArrayDeque<Place>();
    left.add(new Place("", tree.root()));
    while (!left.isEmpty()) {
      var place = left.removeFirst();
      for (var entry : place.directory().entries()) {
        var path = place.path() + entry.name();
        switch (entry.node()) {
          case Directory directory -> {
            files.putObject(path + "/");
            left.add(new Place(path + "/", directory));
          }
          case RegularFile file ->
              files
                  .putObject(path)
                  .put("modified_ns", file.modificationTime())
                  .put("base64", Base64.getEncoder().encodeToString(file.content()));
        }
      }
    }
  }

  /**
   * From such a document.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static GivenDirectories read(Document document) {
    try {
      var root = JSON.readTree(document.bytes());
      var granted = new ArrayList<GrantedDirectory>();
      var operators = new HashMap<String, FileTree>();
      for (var written : root.path("directories")) {
        var path = written.path("path").asString();
        var source = DirectorySource.parse(written.path("from").asString());
        granted.add(
            new GrantedDirectory(
                path,
                DirectoryMode.parse(written.path("mode").asString()),
                source,
                source == DirectorySource.OPERATOR ? RECORDED : null));
        if (source == DirectorySource.OPERATOR) {
          operators.put(path, readFiles(written.path("files")));
        }
      }
      return new GivenDirectories(
          new FilesGrant(root.path("bytes").asLong(), root.path("entries").asInt(), granted),
          operators);
    } catch (JacksonException | FileException invalid) {
      throw new IllegalArgumentException("not the directories of a recorded step", invalid);
    }
  }

  private static FileTree readFiles(JsonNode files) throws FileException {
    var tree = new FileTree(0);
    var space = new Space(Long.MAX_VALUE, Integer.MAX_VALUE, new FileBudget(Long.MAX_VALUE));
    for (var member : files.properties()) {
      var path = FilePath.parse(member.getKey());
      if (path.slash()) {
        tree.addDirectory(path, 0, space);
      } else {
        var content = Base64.getDecoder().decode(member.getValue().path("base64").asString());
        tree.addFile(path, content, member.getValue().path("modified_ns").asLong(), space);
      }
    }
    return tree;
  }
}
