package org.wasmbroker.sandbox.wasmtime;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.step.SafeText;

/**
 * A child process that compiles for this one, one module at a time: see {@link CompilerMain}. Only
 * the two ends hold its pipes, so what arrives is its answer and nobody else's. A process that
 * missed a time limit, died, or was interrupted is not used again.
 */
final class CompilerProcess implements AutoCloseable {
  /** For the start of a JVM, which takes less than a second on an idle machine. */
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private static final int PATIENCE = 10;
  private static final Duration MIN_WAIT = Duration.ofMillis(20);
  private static final Duration UNKNOWN = Duration.ofDays(36_500);

  private static final Duration EXIT_LIMIT = Duration.ofSeconds(10);
  private static final int MAX_THREADS = 4;
  private static final int MAX_STDERR = 4000;
  private static final int MAX_REASON = 10_000;
  private static final int KILLED = 128 + 9;

  /** What Rust, the engine, glibc and the JVM write to stderr when there is no memory left. */
  private static final List<String> OUT_OF_MEMORY =
      List.of(
          "memory allocation of",
          "failed to allocate",
          "out of memory",
          "Cannot allocate memory",
          "OutOfMemoryError",
          "insufficient memory",
          "failed to spawn thread");

  private final Process process;
  private final DataOutputStream requests;
  private final DataInputStream answers;
  private boolean usable = true;

  /** Why a process ended without an answer. */
  static final class EndedException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean outOfMemory;
    private final boolean killed;

    EndedException(String message, boolean outOfMemory) {
      this(message, outOfMemory, false);
    }

    private EndedException(String message, boolean outOfMemory, boolean killed) {
      super(message);
      this.outOfMemory = outOfMemory;
      this.killed = killed;
    }

    /** Whether the module needs more memory than the process was given. */
    boolean isOutOfMemory() {
      return outOfMemory;
    }

    /**
     * Whether somebody else ended the process, such as the kernel of a machine without memory. That
     * says little about the module.
     */
    boolean wasKilled() {
      return killed;
    }
  }

  /** An answer that is not believed, or code that the broker does not want to hold in memory. */
  private static final class RejectedAnswerException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean outOfMemory;

    RejectedAnswerException(String message, boolean outOfMemory) {
      super(message);
      this.outOfMemory = outOfMemory;
    }
  }

  private CompilerProcess(Process process) {
    this.process = process;
    this.requests = new DataOutputStream(process.getOutputStream());
    this.answers = new DataInputStream(process.getInputStream());
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @param arguments of {@link CompilerMain}
   * @throws IOException if it cannot be started or used
   */
  static CompilerProcess start(String... arguments) throws IOException, InterruptedException {
    return start(command(CompilerMain.class, arguments));
  }

  static CompilerProcess start(List<String> command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
    var environment = builder.environment();
    environment.clear(); // no secrets, and no options for the JVM
    int threads = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    environment.put("RAYON_NUM_THREADS", String.valueOf(threads));
    environment.put("MALLOC_ARENA_MAX", "2"); // each reserves 64 MiB of the address space
    environment.put("LC_ALL", "C.UTF-8"); // for the names of files
    var compiler = new CompilerProcess(builder.start());
    try {
      compiler.awaitReady();
      return compiler;
    } catch (Throwable failure) {
      compiler.close();
      throw failure;
    }
  }

  /** A small JVM: it holds a module in native memory and runs hardly any Java. */
  static List<String> command(Class<?> main, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx32m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=16m",
            "-XX:CompressedClassSpaceSize=16m",
            "-XX:-UsePerfData",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:+SuppressFatalErrorMessage",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-cp",
            classPath(main),
            main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The jar or directory that this class is from: the compiler needs no other. */
  private static String classPath(Class<?> main) {
    try {
      return Path.of(main.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toAbsolutePath()
          .toString();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    try {
      int first = within(START_LIMIT, answers::read);
      if (first != CompilerMain.READY) {
        throw new IOException("it does not start: " + ended().getMessage());
      }
    } catch (TimeoutException tooLate) {
      throw new IOException("it was not ready within " + START_LIMIT.toSeconds() + " s", tooLate);
    }
  }

  /**
   * Compiles a module.
   *
   * @param time how long it may take
   * @param maxCodeBytes the largest code to accept
   * @param arena a shared one
   * @return the code, in memory of the arena
   * @throws ModuleRefusedException if the engine refuses the module
   * @throws TimeoutException if it takes longer; the process has been ended
   * @throws EndedException if the process ended, or gave an answer that is not accepted
   * @throws InterruptedException if the thread was interrupted; the process has been ended
   */
  MemorySegment compile(byte[] wasm, Duration time, long maxCodeBytes, Arena arena)
      throws TimeoutException, EndedException, InterruptedException {
    boolean answered = false;
    try {
      var code = within(time, () -> exchange(wasm, maxCodeBytes, arena));
      answered = true;
      return code;
    } catch (ModuleRefusedException refused) {
      answered = true;
      throw refused;
    } catch (RejectedAnswerException lie) {
      throw new EndedException(String.valueOf(lie.getMessage()), lie.outOfMemory);
    } catch (IOException broken) {
      var end = ended();
      end.addSuppressed(broken);
      throw end;
    } finally {
      if (!answered) {
        close();
      }
    }
  }

  private MemorySegment exchange(byte[] wasm, long maxCodeBytes, Arena arena) throws IOException {
    requests.writeInt(wasm.length);
    requests.write(wasm);
    requests.flush();
    int kind = answers.readByte();
    long length = answers.readLong();
    long checksum = answers.readLong();
    if (kind == CompilerMain.CODE && length > Math.min(maxCodeBytes, Integer.MAX_VALUE)) {
      throw new RejectedAnswerException("its code has " + length + " bytes", true);
    }
    if ((kind != CompilerMain.CODE && (kind != CompilerMain.REFUSED || length > MAX_REASON))
        || length < 1) {
      throw new RejectedAnswerException(
          "its process gave an answer of kind %d with %d bytes".formatted(kind, length), false);
    }
    var content = CompilerMain.readFully(answers, arena.allocate(length));
    if (checksum(content.asByteBuffer()) != checksum) {
      throw new RejectedAnswerException("its process gave an answer with a wrong checksum", false);
    }
    if (kind == CompilerMain.REFUSED) {
      var reason = StandardCharsets.UTF_8.decode(content.asByteBuffer()).toString();
      throw new ModuleRefusedException(Reason.INVALID, SafeText.sanitize(reason, MAX_REASON));
    }
    return content;
  }

  private static long checksum(ByteBuffer content) {
    var checksum = new CRC32();
    checksum.update(content);
    return checksum.getValue();
  }

  /** Ends the process unless it has ended itself, and says why it did. */
  private EndedException ended() throws InterruptedException {
    usable = false;
    if (!process.waitFor(EXIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      return new EndedException("its process closed its pipes and did not end", false);
    }
    int status = process.exitValue();
    if (status == KILLED) {
      return new EndedException(
          "its process was killed, as when the machine or container has no memory left",
          false,
          true);
    }
    var said = lastWords();
    boolean outOfMemory = OUT_OF_MEMORY.stream().anyMatch(said::contains);
    return new EndedException(
        "its process ended with status %d%s".formatted(status, said.isEmpty() ? "" : ": " + said),
        outOfMemory);
  }

  /** The process has ended, so this does not block. */
  private String lastWords() {
    try (var stderr = process.getErrorStream()) {
      var text = new String(stderr.readNBytes(MAX_STDERR), StandardCharsets.UTF_8);
      return SafeText.sanitize(text.strip(), MAX_STDERR);
    } catch (IOException none) {
      return "";
    }
  }

  /**
   * Waits for something that blocks on a pipe, which an interrupt does not end: it has a thread of
   * its own, and ends with the process when nobody waits for it any more.
   */
  private <T> T within(Duration time, Callable<T> blocking)
      throws IOException, TimeoutException, InterruptedException {
    var task = new FutureTask<>(blocking);
    var thread = Thread.ofPlatform().name("compiler-pipe").daemon(true).start(task);
    try {
      return await(task, time);
    } catch (TimeoutException | InterruptedException givenUp) {
      close();
      Threads.joinUninterruptibly(thread);
      throw givenUp;
    } catch (ExecutionException failed) {
      switch (Objects.requireNonNull(failed.getCause())) {
        case IOException broken -> throw broken;
        case RuntimeException unexpected -> throw unexpected;
        case Error error -> throw error;
        default -> throw new IllegalStateException(failed);
      }
    }
  }

  /**
   * The process yields to running guests, so on a busy machine the time that passes says little.
   * Only what has computed for that long, too, or was given a multiple of it, was too slow.
   */
  private <T> T await(FutureTask<T> task, Duration time)
      throws TimeoutException, InterruptedException, ExecutionException {
    long begin = System.nanoTime();
    var before = process.info().totalCpuDuration().orElse(Duration.ZERO);
    var wait = time;
    while (true) {
      try {
        return task.get(wait.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException passed) {
        var left = time.minus(computed().minus(before));
        if (!left.isPositive() || System.nanoTime() - begin >= PATIENCE * time.toNanos()) {
          throw passed;
        }
        wait = left.compareTo(MIN_WAIT) < 0 ? MIN_WAIT : left;
      }
    }
  }

  /** On all processors; as long as possible if the system does not tell. */
  private Duration computed() {
    return process.info().totalCpuDuration().orElse(UNKNOWN);
  }

  /** Whether it can compile another module. */
  boolean isUsable() {
    return usable && process.isAlive();
  }

  /** Ends the process at once, whatever it is doing. */
  @Override
  public void close() {
    usable = false;
    process.destroyForcibly();
  }
}
