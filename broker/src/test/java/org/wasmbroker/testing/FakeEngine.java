package org.wasmbroker.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.Receipt;

/** An engine whose modules are Java code: the text of a "binary" is the name of its guest. */
public final class FakeEngine implements Engine {
  private static final EngineInfo INFO = new EngineInfo("fake", "1");

  private static final long TICK_NANOS = 1_000_000;

  private final Map<String, Guest> guests = new ConcurrentHashMap<>();
  private final List<Digest> compiled = new CopyOnWriteArrayList<>();
  private final List<Digest> closed = new CopyOnWriteArrayList<>();
  private volatile Consumer<String> beforeCompile = text -> {};
  private volatile boolean codeOfLimits;
  private volatile long initialMemoryBytes;

  /** What a module does. */
  @FunctionalInterface
  public interface Guest {
    InvocationResult run(Invocation invocation);
  }

  /** A guest that writes this document. */
  public static Guest writing(String output) {
    return invocation -> new InvocationResult.Completed(Document.of(output), receipt());
  }

  /** Runs until it is cancelled, which it checks at every tick. */
  public static InvocationResult untilCancelled(Invocation invocation) {
    while (true) {
      var reason = invocation.cancellation().reason();
      if (reason != null) {
        return new InvocationResult.Cancelled(reason, receipt());
      }
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  public static Receipt receipt() {
    return new Receipt(
        null,
        INFO,
        Duration.ZERO,
        Duration.ofNanos(5000),
        Duration.ofNanos(20_000),
        65_536,
        List.of(),
        2,
        2,
        0,
        GrantUsage.NONE);
  }

  public FakeEngine with(String text, Guest guest) {
    guests.put(text, guest);
    return this;
  }

  /** The hook is given the text of the module. */
  public void beforeCompile(Consumer<String> hook) {
    beforeCompile = hook;
  }

  /** The digests in order of compilation, including rejected ones. */
  public List<Digest> compiled() {
    return compiled;
  }

  /** The digests of the modules that were freed. */
  public List<Digest> closed() {
    return closed;
  }

  @Override
  public EngineInfo info() {
    return INFO;
  }

  /** From now on its machine code depends on memory and table, as that of one engine does. */
  public void compileForLimits() {
    codeOfLimits = true;
  }

  /** Every module's memory has this size before it grows. */
  public void startWith(long memoryBytes) {
    initialMemoryBytes = memoryBytes;
  }

  @Override
  public Limits compileLimits(Limits limits) {
    if (limits.fuel() > 0) {
      throw new IllegalArgumentException("limits.fuel needs an engine that counts instructions");
    }
    var memory = codeOfLimits ? limits.memoryBytes() : LimitKind.MEMORY.maximum();
    var table = codeOfLimits ? limits.tableElements() : LimitKind.TABLE_ELEMENTS.maximum();
    return Limits.DEFAULTS.withMemoryBytes(memory).with(LimitKind.TABLE_ELEMENTS, table);
  }

  @Override
  public CompiledModule compile(WasmBinary wasm, Limits limits) {
    var text = new String(wasm.bytes(), StandardCharsets.UTF_8);
    beforeCompile.accept(text);
    compiled.add(wasm.digest());
    var guest = guests.get(text);
    if (guest == null) {
      throw new ModuleRefusedException(
          ModuleRefusedException.Reason.NOT_WEBASSEMBLY, "the module is not WebAssembly");
    }
    return new FakeModule(wasm.digest(), guest, limits);
  }

  @Override
  public void close() {}

  private final class FakeModule implements CompiledModule {
    private final Digest digest;
    private final Guest guest;
    private final Limits largest;
    private final AtomicInteger references = new AtomicInteger(1);
    private final AtomicBoolean closing = new AtomicBoolean();

    FakeModule(Digest digest, Guest guest, Limits largest) {
      this.digest = digest;
      this.guest = guest;
      this.largest = largest;
    }

    @Override
    public Digest digest() {
      return digest;
    }

    @Override
    public Duration compilation() {
      return Duration.ofMillis(3);
    }

    @Override
    public InvocationResult run(Invocation invocation) {
      if (invocation.limits().time().compareTo(largest.time()) > 0) {
        throw new IllegalArgumentException("the time limit is above that of the compilation");
      }
      if (!hold()) {
        throw new IllegalStateException("module " + digest + " is closed");
      }
      try {
        return guest.run(invocation);
      } finally {
        unhold();
      }
    }

    @Override
    public void requireStartsWithin(Limits limits) {
      if (initialMemoryBytes > limits.memoryBytes()) {
        throw new ModuleRefusedException(
            ModuleRefusedException.Reason.OVER_LIMIT, "its memory starts with too much");
      }
    }

    @Override
    public long codeBytes() {
      return 1000;
    }

    @Override
    public boolean hold() {
      return references.getAndUpdate(count -> count == 0 ? 0 : count + 1) != 0;
    }

    @Override
    public void unhold() {
      if (references.decrementAndGet() == 0) {
        closed.add(digest);
      }
    }

    @Override
    public void close() {
      if (closing.compareAndSet(false, true)) {
        unhold();
      }
    }
  }
}
