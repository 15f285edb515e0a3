package org.wasmbroker.recording;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.concurrent.OutageLog.Severity;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.disk.AtomicFile.Content;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.disk.UsedFile;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.RecordingEvent.Reason;

/**
 * The recordings in their directory. They wait in a bounded backlog for one thread, which writes
 * them and removes the oldest ones beyond what is to be kept. What goes wrong with the disk costs
 * recordings and nothing else.
 */
public final class RecordingFiles implements RecordingSink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RecordingFiles.class);
  private static final String PERMISSIONS = "rw-------";
  private static final int MAX_WAITING = 256;
  private static final long MAX_WAITING_BYTES = 16 << 20;
  private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(1);

  /** Part of what is kept that is freed at once, so that not every recording needs a look. */
  private static final double SLACK = 0.1;

  private final Path directory;
  private final RecordingConfig config;
  private final TimeSource time;
  private final EventSink events;
  private final Function<ByteBuffer, Content> writer;
  private final OutageLog writing =
      new OutageLog(log, "recordings cannot be written", "recordings are written again");
  private final OutageLog sweeping =
      new OutageLog(log, "old recordings cannot be removed", "old recordings are removed again");
  private final TaskLoop loop = new TaskLoop("recordings", this::work);

  private final Deque<Waiting> backlog = new ArrayDeque<>(); // guarded by itself
  private long waitingBytes; // guarded by the backlog

  // Of the loop's thread.
  private int files;
  private long bytes;
  private @Nullable Long swept;

  private record Waiting(String name, ByteBuffer bytes) {}

  public RecordingFiles(RecordingConfig config, Path directory, TimeSource time, EventSink events) {
    this(config, directory, time, events, AtomicFile::durable);
  }

  RecordingFiles(
      RecordingConfig config,
      Path directory,
      TimeSource time,
      EventSink events,
      Function<ByteBuffer, Content> writer) {
    this.config = config;
    this.directory = directory;
    this.time = time;
    this.events = events;
    this.writer = writer;
  }

  public void start() {
    loop.start();
  }

  @Override
  public boolean offer(String name, ByteBuffer recording) {
    synchronized (backlog) {
      boolean full =
          !backlog.isEmpty()
              && (backlog.size() == MAX_WAITING
                  || waitingBytes + recording.remaining() > MAX_WAITING_BYTES);
      if (full || loop.isStopped()) {
        return false;
      }
      backlog.add(new Waiting(name, recording));
      waitingBytes += recording.remaining();
    }
    loop.wake();
    return true;
  }

  private @Nullable Waiting next() {
    synchronized (backlog) {
      var next = backlog.poll();
      waitingBytes -= next == null ? 0 : next.bytes.remaining();
      return next;
    }
  }

  /** Writes what waits, and looks at what is kept. */
  Duration work() {
    for (var next = next(); next != null; next = next()) {
      write(next);
      sweepIfDue();
    }
    sweepIfDue();
    return SWEEP_INTERVAL;
  }

  private void write(Waiting recording) {
    int size = recording.bytes.remaining();
    try {
      PrivateDirectory.ensure(directory);
      AtomicFile.write(
          directory.resolve(recording.name), PERMISSIONS, writer.apply(recording.bytes));
    } catch (IOException | RuntimeException failure) {
      writing.failed(Severity.TRANSIENT, named(failure));
      events.on(new RecordingEvent.Dropped(Reason.DISK));
      return;
    }
    writing.succeeded();
    files++;
    bytes += size;
    events.on(new RecordingEvent.Written(size));
  }

  /** The messages of file systems are often no more than a path. */
  private static IOException named(Exception failure) {
    return new IOException(failure.toString(), failure);
  }

  private void sweepIfDue() {
    boolean beyond = files > config.maxFiles() || bytes > config.maxBytes();
    if (beyond || swept == null || time.nanos() - swept >= SWEEP_INTERVAL.toNanos()) {
      swept = time.nanos();
      sweep();
    }
  }

  private void sweep() {
    try {
      if (Files.isDirectory(directory)) {
        AtomicFile.removeAbandoned(directory, time.now());
        removeOld();
      } else {
        files = 0;
        bytes = 0;
      }
      sweeping.succeeded();
    } catch (IOException | RuntimeException failure) {
      sweeping.failed(Severity.TRANSIENT, named(failure));
    }
    events.on(new RecordingEvent.Kept(files, bytes));
  }

  private void removeOld() throws IOException {
    var there = new ArrayList<>(UsedFile.list(directory, RecordingName::isOne));
    there.sort(Comparator.comparing(UsedFile::used));
    long count = there.size();
    long size = UsedFile.bytes(there);
    boolean beyond = count > config.maxFiles() || size > config.maxBytes();
    double keep = beyond ? 1 - SLACK : 1;
    var oldest = time.now().minus(config.maxAge());
    for (var file : there) {
      boolean tooMany = count > config.maxFiles() * keep || size > config.maxBytes() * keep;
      if (!tooMany && !file.used().isBefore(oldest)) {
        break;
      }
      Files.deleteIfExists(file.path());
      count--;
      size -= file.bytes();
    }
    files = (int) count;
    bytes = size;
  }

  /** Writes what waits, and ends. */
  @Override
  public void close() {
    boolean started = loop.isStarted();
    loop.close();
    if (started) {
      work();
    }
  }
}
