package org.wasmbroker.hostile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.wasmbroker.cli.CommandRun;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code invoke}, once for each step. */
final class InvokeWay implements WayIn {
  private static final Pattern MODULE =
      Pattern.compile("(?m)^module +(\\S+ \\S+ sha256:[0-9a-f]{64})$");

  private final Map<String, String> settings;
  private final Path input;

  InvokeWay(Map<String, String> settings) {
    this.settings = settings;
    try {
      input = Files.createTempFile("step", ".json");
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  @Override
  public Map<String, Ending> run(List<Request> requests) {
    var endings = new LinkedHashMap<String, Ending>();
    requests.forEach(request -> endings.put(request.label(), run(request)));
    return endings;
  }

  private Ending run(Request request) {
    var arguments = new ArrayList<>(List.of("invoke", request.handler(), "-i", input.toString()));
    settings.forEach((key, value) -> arguments.addAll(List.of("-s", key + "=" + value)));
    try {
      Files.writeString(
          input, "{\"config\":%s,\"context\":%s}".formatted(request.config(), request.context()));
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
    var run = CommandRun.of(arguments.toArray(String[]::new));
    var module = MODULE.matcher(run.err());
    return new Ending(
        JsonMapper.shared().readTree(run.out()), module.find() ? module.group(1) : null);
  }

  @Override
  public void close() {
    try {
      Files.delete(input);
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }
}
