package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.project.NewProject;
import org.wasmbroker.project.Template;
import org.wasmbroker.project.Tools;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Makes the project of a new handler from a template. */
@Command(
    name = "new",
    description = {
      "Make the project of a new handler.",
      "Languages: rust, c, go, java, assemblyscript and zig, each with its SDK; js, JavaScript,"
          + " which needs no compiler; ts, TypeScript, which needs npm; wat, WebAssembly's text"
          + " format, which needs no compiler."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  wasm-broker new hello && wasm-broker test hello"})
final class NewCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "The handler's name.")
  private String name = "";

  @Option(
      names = "--lang",
      paramLabel = "LANGUAGE",
      defaultValue = "rust",
      description = "rust (the default), js, ts, c, go, java, assemblyscript, zig or wat.")
  private String language = "rust";

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "The project's directory, which must not exist (default: NAME).")
  private @Nullable Path directory;

  @Option(names = "--json", description = "Print what was made as a JSON document.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    var target = directory == null ? Path.of(safeName()) : directory;
    var template = Template.of(language);
    var files = NewProject.create(template, name, target);
    if (json) {
      var made =
          Map.of(
              "name",
              name,
              "language",
              language,
              "directory",
              target.toAbsolutePath().normalize().toString(),
              "files",
              files.stream().map(Path::toString).toList());
      console.line(JsonMapper.shared().writeValueAsString(made));
    } else {
      console.line("made %s: %d files".formatted(target, files.size()));
      console.line("next: wasm-broker test " + target);
    }
    for (var tool : template.tools().keySet()) {
      if (!Tools.isInstalled(tool, target)) {
        console.error("first: " + Tools.missing(tool, template.tools()));
      }
    }
    return ExitCode.OK;
  }

  /** An invalid name is refused before a path is made of it. */
  private String safeName() {
    NewProject.checkName(name);
    return name;
  }
}
