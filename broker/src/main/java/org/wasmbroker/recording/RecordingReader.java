package org.wasmbroker.recording;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.LimitKind.Scope;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.NamedStandIn;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;

/**
 * Reads a recording, which may come from anywhere: whatever the bytes are, the result is a
 * recording or a sentence that says what is wrong in which line.
 */
public final class RecordingReader {
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_DEPTH = 20;
  private static final int MAX_NAME = 200;
  private static final String DIGEST_PREFIX = "sha256:";
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, Recording.MAX_FILE_BYTES, MAX_DEPTH).withoutPositions();

  private final byte[] bytes;
  private int at;
  private int lineNumber;

  private RecordingReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * @throws IOException if the file cannot be read
   */
  public static Recording read(Path file) throws IOException, UnusableRecordingException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in.readNBytes(Recording.MAX_FILE_BYTES + 1));
    }
  }

  public static Recording read(byte[] bytes) throws UnusableRecordingException {
    if (bytes.length > Recording.MAX_FILE_BYTES) {
      throw new UnusableRecordingException(
          "it has more than %d MiB, and so is no recording"
              .formatted(Recording.MAX_FILE_BYTES >> 20));
    }
    var reader = new RecordingReader(bytes);
    try {
      return reader.read();
    } catch (UnusableRecordingException problem) {
      throw new UnusableRecordingException(
          "line %d: %s".formatted(reader.lineNumber, problem.getMessage()));
    } catch (IllegalArgumentException invalid) {
      throw new UnusableRecordingException(
          "line %d: %s"
              .formatted(reader.lineNumber, SafeText.sanitize("" + invalid.getMessage(), 300)));
    }
  }

  private Recording read() throws UnusableRecordingException {
    var header = nextLine();
    if (header == null || !header.has("format")) {
      throw new UnusableRecordingException("this is no recording of a step");
    }
    requireFormat(header);
    var origin =
        new Recording.Origin(header.text("broker"), engine(header), header.text("recorded_at"));
    var step = header.object("step");
    var work = work(step, header);
    var terms = terms(header);
    var secrets = secrets(header);
    header.finish();
    var entries = new ArrayList<TapeEntry>();
    var reader = new EntryReader(secrets.size());
    while (true) {
      var line = nextLine();
      if (line == null) {
        throw new UnusableRecordingException("the recording ends before its last line");
      }
      if (line.has("outcome")) {
        return end(line, origin, work, terms, secrets, entries);
      }
      if (entries.size() == MAX_ENTRIES) {
        throw new UnusableRecordingException("there are more than " + MAX_ENTRIES + " entries");
      }
      entries.add(reader.read(line, entries.size() + 1));
    }
  }

  private @Nullable LineObject nextLine() throws UnusableRecordingException {
    if (at >= bytes.length) {
      return null;
    }
    lineNumber++;
    int end = at;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    var line = Arrays.copyOfRange(bytes, at, end);
    at = end + 1;
    return new LineObject(JSON.read("", line).value());
  }

  private static void requireFormat(LineObject header) throws UnusableRecordingException {
    if (!header.text("format").equals(RecordingWriter.FORMAT)) {
      throw new UnusableRecordingException("this is no recording of a step");
    }
    long version = header.number("version", 1, Integer.MAX_VALUE);
    if (version != RecordingWriter.VERSION) {
      throw new UnusableRecordingException(
          "the recording has version %d of the format, this broker reads version %d; replay it with the version that recorded it"
              .formatted(version, RecordingWriter.VERSION));
    }
  }

  private static @Nullable EngineInfo engine(LineObject header) throws UnusableRecordingException {
    if (!header.has("engine")) {
      return null;
    }
    var engine = header.object("engine");
    var info = new EngineInfo(shortText(engine, "name"), shortText(engine, "version"));
    engine.finish();
    return info;
  }

  private static Recording.Work work(LineObject step, LineObject header)
      throws UnusableRecordingException {
    var ids =
        new StepIds(
            new StepId(step.value("step_uuid", UUID::fromString)),
            step.valueIfAny("task_uuid", UUID::fromString),
            step.valueIfAny("correlation_id", UUID::fromString));
    var name = step.text("name");
    var handler = step.value("handler", HandlerRef::parse);
    var attempt =
        new Attempt(
            (int) step.number("attempt", 1, Integer.MAX_VALUE),
            (int) step.number("max_attempts", 1, Integer.MAX_VALUE));
    var timeout = step.value("timeout", Duration::parse);
    step.finish();
    var module = header.object("module");
    var id =
        new ModuleId(
            shortText(module, "handler"),
            shortText(module, "version"),
            module.value("digest", RecordingReader::digest));
    module.finish();
    return new Recording.Work(ids, name, handler, attempt, timeout, id, header.bytes("input"));
  }

  private static Digest digest(String text) {
    if (!text.startsWith(DIGEST_PREFIX)) {
      throw new IllegalArgumentException("must begin with " + DIGEST_PREFIX);
    }
    return new Digest(text.substring(DIGEST_PREFIX.length()));
  }

  private static String shortText(LineObject object, String name)
      throws UnusableRecordingException {
    var text = object.text(name);
    if (text.length() > MAX_NAME) {
      throw new UnusableRecordingException("/" + name + " is too long");
    }
    return SafeText.sanitize(text, MAX_NAME);
  }

  private static Recording.Terms terms(LineObject header) throws UnusableRecordingException {
    var limits = Limits.DEFAULTS;
    var recorded = header.object("limits");
    for (var kind : LimitKind.of(Scope.RUN)) {
      if (recorded.has(kind.text())) {
        limits = limits.with(kind, recorded.number(kind.text(), kind.minimum(), kind.maximum()));
      }
    }
    recorded.finish();
    var resolution = header.value("time_resolution", Duration::parse);
    if (resolution.isNegative() || resolution.compareTo(Duration.ofHours(1)) > 0) {
      throw new UnusableRecordingException("/time_resolution must be up to 1h");
    }
    return new Recording.Terms(
        limits,
        (int) header.number("stack_bytes", LimitKind.STACK.minimum(), LimitKind.STACK.maximum()),
        (int) header.number("new_work", 0, Integer.MAX_VALUE),
        new HashSet<>(header.texts("functions")),
        resolution,
        header.bytes("grants"),
        header.bytesIfAny("output_schema"));
  }

  private static List<NamedStandIn> secrets(LineObject header) throws UnusableRecordingException {
    var secrets = new ArrayList<NamedStandIn>();
    for (var element : header.array("secrets")) {
      var secret = new LineObject(element);
      secrets.add(
          new NamedStandIn(secret.value("name", SecretName::new), secret.bytes("stand_in")));
      secret.finish();
    }
    return secrets;
  }

  private Recording end(
      LineObject line,
      Recording.Origin origin,
      Recording.Work work,
      Recording.Terms terms,
      List<NamedStandIn> secrets,
      List<TapeEntry> entries)
      throws UnusableRecordingException {
    var status = line.oneOf("outcome", Recording.Status.class);
    if (line.number("entries", 0, MAX_ENTRIES) != entries.size()) {
      throw new UnusableRecordingException("the recording has lost entries");
    }
    var truncated = line.textIfAny("truncated");
    boolean completed = status == Recording.Status.COMPLETED;
    var end =
        new Recording.End(
            status,
            completed ? line.bytes("result") : null,
            completed ? null : line.error("error"),
            usage(line.object("receipt")));
    line.finish();
    if (at < bytes.length) {
      throw new UnusableRecordingException("there is something after the last line");
    }
    return new Recording(origin, work, terms, secrets, entries, truncated, end);
  }

  private static Recording.Usage usage(LineObject receipt) throws UnusableRecordingException {
    long memory = receipt.number("memory_high_water_bytes", 0, Long.MAX_VALUE);
    long in = receipt.number("bytes_in", 0, Long.MAX_VALUE);
    long out = receipt.number("bytes_out", 0, Long.MAX_VALUE);
    long dropped = receipt.number("log_lines_dropped", 0, Long.MAX_VALUE);
    var calls = new ArrayList<HostCallCount>();
    var counts = receipt.object("host_calls");
    for (var function : counts.names()) {
      var count = counts.object(function);
      calls.add(
          new HostCallCount(
              function,
              count.number("allowed", 0, Long.MAX_VALUE),
              count.number("denied", 0, Long.MAX_VALUE),
              count.number("failed", 0, Long.MAX_VALUE)));
      count.finish();
    }
    var used = new ArrayList<CapabilityUsage>();
    var usages = receipt.object("used");
    for (var capability : usages.names()) {
      used.add(new CapabilityUsage(capability, new LinkedHashMap<>(usages.numbers(capability))));
    }
    receipt.finish();
    return new Recording.Usage(memory, calls, in, out, dropped, used);
  }
}
