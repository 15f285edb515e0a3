package org.wasmbroker.capability;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.capability.StepCommand.OutputPath;
import org.wasmbroker.sandbox.files.Directory;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.Node;
import org.wasmbroker.sandbox.files.RegularFile;
import org.wasmbroker.sandbox.host.GuestCommand.End;
import org.wasmbroker.sandbox.host.GuestCommand.TooMuchOutputException;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** The result document of a command that has ended. */
public final class CommandResult {
  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private CommandResult() {}

  /**
   * Of what a run wrote to its standard streams.
   *
   * @throws TooMuchOutputException if that is more than the limit on output
   */
  public static Document of(End end) {
    return of(end, List.of());
  }

  /**
   * Of what a run left.
   *
   * @param outputs the files and directories that are returned, of those that can be written
   */
  static Document of(End end, List<OutputPath> outputs) {
    var found = new LinkedHashMap<String, RegularFile>();
    if (end.files() != null) {
      for (var output : outputs) {
        find(end.files(), output, found);
      }
    }
    long bytes = (long) end.standardOutput().size() + end.standardError().size();
    for (var file : found.values()) {
      bytes += file.size();
    }
    if (bytes > end.maxBytes()) {
      throw new TooMuchOutputException(bytes);
    }
    var document = NODES.objectNode().put("status", "completed");
    var result = document.putObject("result");
    result.put("exit_code", Integer.toUnsignedLong(end.exitCode()));
    result.set("stdout", value(end.standardOutput().bytes()));
    result.set("stderr", value(end.standardError().bytes()));
    if (!outputs.isEmpty()) {
      var files = result.putObject("files");
      found.forEach((path, file) -> files.set(path, value(file.content())));
    }
    return Document.of(JSON.writeValueAsBytes(document));
  }

  /** A text, or an object with base64 where the bytes are none that every reader can store. */
  static JsonNode value(byte[] bytes) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') < 0) {
        return NODES.stringNode(text);
      }
    } catch (CharacterCodingException notText) {
      // as bytes
    }
    return NODES.objectNode().put("base64", Base64.getEncoder().encodeToString(bytes));
  }

  private static void find(FileSystem files, OutputPath output, Map<String, RegularFile> found) {
    for (var mount : files.mounts()) {
      var below = output.below(mount.path());
      if (below != null && mount.mode().writes()) {
        var node = mount.tree().find(new FilePath(below, false));
        if (node != null) {
          var root = mount.path().equals("/") ? "" : mount.path();
          collect(String.join("/", prepend(root, below)), node, found);
        }
      }
    }
  }

  private static List<String> prepend(String root, List<String> names) {
    var all = new ArrayList<String>(names.size() + 1);
    all.add(root);
    all.addAll(names);
    return all;
  }

  private record Place(String path, Node node) {}

  private static void collect(String path, Node first, Map<String, RegularFile> found) {
    var left = new ArrayDeque<Place>();
    left.add(new Place(path, first));
    while (!left.isEmpty()) {
      var place = left.removeFirst();
      switch (place.node()) {
        case RegularFile file -> found.put(place.path(), file);
        case Directory directory ->
            directory
                .entries()
                .forEach(
                    entry -> left.add(new Place(place.path() + "/" + entry.name(), entry.node())));
      }
    }
  }
}
