package org.wasmbroker.sandbox.wasmtime;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.SynchronousQueue;
import java.util.zip.CRC32;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.ModuleRefusedException;

/**
 * The compiler's process: it reads WebAssembly on stdin and writes the engine's code to stdout, one
 * module at a time, until stdin ends. {@link CompilerProcess} starts it and talks to it; it is not
 * a command for people.
 *
 * <p>Both directions are binary. First it writes {@link #READY}. A request is a length of four
 * bytes and the module. An answer is {@link #CODE} or {@link #REFUSED}, a length of eight bytes, a
 * CRC-32 of eight bytes, and the code or the reason in UTF-8. It has limits and no secrets, and
 * touches nothing but these two pipes; what ends it ends no other compilation.
 */
public final class CompilerMain {
  static final byte READY = 'R';
  static final byte CODE = 'C';
  static final byte REFUSED = 'X';
  static final int ANSWER_HEAD = 1 + 8 + 8;

  private static final int CHUNK = 64 << 10;
  private static final int FAILED = 70;

  private final NativeModules modules;
  private final long memoryBytes;
  private final FileChannel out = new FileOutputStream(FileDescriptor.out).getChannel();

  private CompilerMain(NativeModules modules, long memoryBytes) {
    this.modules = modules;
    this.memoryBytes = memoryBytes;
  }

  /** A request as it was read. */
  private record Request(Arena arena, MemorySegment wasm) {}

  /**
   * @param arguments see {@link #arguments}
   */
  public static void main(String[] arguments) {
    // What is printed by accident must not be taken for an answer.
    System.setOut(System.err);
    try {
      ProcessLimits.yieldToOthers();
      var lib = load(Path.of(arguments[0]), Path.of(arguments[6]));
      long engine = settings(arguments).newEngine(lib);
      ProcessLimits.dropRights();
      new CompilerMain(new NativeModules(lib, engine), Long.parseLong(arguments[5])).serve();
    } catch (Throwable failure) {
      System.err.println(failure);
      Runtime.getRuntime().halt(FAILED);
    }
  }

  /** The broker has checked the library, but may have loaded it from a file that is gone by now. */
  private static LibWasmtime load(Path library, Path cacheDirectory) {
    return Files.exists(library)
        ? LibWasmtime.load(library)
        : NativeLibrary.load(null, cacheDirectory);
  }

  /** The arguments for code that an engine with these settings can run. */
  static String[] arguments(Path library, EngineSettings settings, long memoryBytes) {
    return new String[] {
      library.toString(),
      String.valueOf(settings.memory().reservation()),
      String.valueOf(settings.memory().guard()),
      String.valueOf(settings.config().stackBytes()),
      String.valueOf(settings.config().fuel()),
      String.valueOf(memoryBytes),
      NativeLibrary.userCacheDirectory().toAbsolutePath().toString()
    };
  }

  /** Without a pool, which would reserve memory for guests that never run here. */
  private static EngineSettings settings(String[] arguments) {
    var defaults = EngineConfig.of(1);
    var config =
        new EngineConfig(
                defaults.slots(),
                defaults.memoryBytes(),
                Integer.parseInt(arguments[3]),
                defaults.tick(),
                defaults.moduleBytes(),
                null,
                null)
            .withFuel(Boolean.parseBoolean(arguments[4]));
    return EngineSettings.of(
        config, new MemoryPlan(false, Long.parseLong(arguments[1]), Long.parseLong(arguments[2])));
  }

  private void serve() throws IOException, InterruptedException {
    warmUp();
    var requests = new SynchronousQueue<Request>();
    Thread.ofPlatform().name("requests").daemon(true).start(() -> read(requests));
    write(ByteBuffer.wrap(new byte[] {READY}));
    while (true) {
      var request = requests.take();
      try (var arena = request.arena()) {
        ProcessLimits.allowMoreMemory(memoryBytes);
        answer(request.wasm(), arena);
      }
    }
  }

  /** Starts the library's threads, so that their stacks do not count as a module's memory. */
  private void warmUp() {
    try (var arena = Arena.ofConfined()) {
      modules.delete(modules.compile(NativeModules.emptyModule(arena)));
    }
  }

  /**
   * Reads the requests. The end of stdin is the end of the broker, or of its interest, and of this
   * process, whatever it is compiling.
   */
  private static void read(SynchronousQueue<Request> requests) {
    try (var in = new FileInputStream(FileDescriptor.in)) {
      var lengths = new DataInputStream(in);
      while (true) {
        int length = lengths.readInt();
        var arena = Arena.ofShared();
        requests.put(new Request(arena, readFully(in, arena.allocate(length))));
      }
    } catch (EOFException end) {
      Runtime.getRuntime().halt(0);
    } catch (Throwable failure) {
      System.err.println(failure);
      Runtime.getRuntime().halt(FAILED);
    }
  }

  private void answer(MemorySegment wasm, Arena arena) throws IOException {
    try {
      long module = modules.compile(wasm);
      try {
        answer(CODE, modules.serialise(module, arena).asByteBuffer());
      } finally {
        modules.delete(module);
      }
    } catch (ModuleRefusedException refused) {
      var reason = String.valueOf(refused.getMessage()).getBytes(StandardCharsets.UTF_8);
      answer(REFUSED, ByteBuffer.wrap(reason));
    }
  }

  private void answer(byte kind, ByteBuffer content) throws IOException {
    var checksum = new CRC32();
    checksum.update(content.duplicate());
    var head = ByteBuffer.allocate(ANSWER_HEAD);
    head.put(kind).putLong(content.remaining()).putLong(checksum.getValue()).flip();
    write(head);
    write(content);
  }

  private void write(ByteBuffer content) throws IOException {
    while (content.hasRemaining()) {
      out.write(content);
    }
  }

  /** Fills a segment of native memory. */
  static MemorySegment readFully(InputStream in, MemorySegment target) throws IOException {
    var chunk = new byte[(int) Math.min(CHUNK, target.byteSize())];
    for (long done = 0; done < target.byteSize(); ) {
      int count = in.read(chunk, 0, (int) Math.min(chunk.length, target.byteSize() - done));
      if (count < 0) {
        throw new EOFException("the other side closed the pipe");
      }
      MemorySegment.copy(MemorySegment.ofArray(chunk), 0, target, done, count);
      done += count;
    }
    return target;
  }
}
