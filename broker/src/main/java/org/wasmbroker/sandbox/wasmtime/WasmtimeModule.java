package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Holds;
import org.wasmbroker.sandbox.ImageMaker;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.Preparation;
import org.wasmbroker.sandbox.PreparationResult;
import org.wasmbroker.sandbox.host.GuestKind;
import org.wasmbroker.sandbox.host.ModuleValidator;
import org.wasmbroker.sandbox.host.ValidatedModule;
import org.wasmbroker.sandbox.wasmtime.Compiler.Compiled;
import org.wasmbroker.step.Digest;

/** A compiled module with resolved imports. Freed once it is closed and its last run has ended. */
final class WasmtimeModule implements CompiledModule {
  private final WasmtimeEngine engine;
  private final Digest digest;
  private final ValidatedModule validated;
  private final Limits limits;
  private final Compiled compiled;
  private final long instancePre;

  /** The digest of the binary that was compiled, which is not the original one. */
  private final Digest compiledDigest;

  /** The names of the mutable globals that a preparation may change, in native memory. */
  private final List<ExportNames.Name> globals;

  private final @Nullable Arena arena;

  /** Read when it is first needed; whoever reads it reads the same. */
  private volatile @Nullable FreshMemory freshMemory;

  private final Holds holds;

  WasmtimeModule(
      WasmtimeEngine engine,
      Digest digest,
      ValidatedModule validated,
      Limits limits,
      Compiled compiled) {
    this.engine = engine;
    this.digest = digest;
    this.holds = new Holds("module " + digest, this::free);
    this.validated = validated.forRuns();
    this.limits = limits;
    this.compiled = compiled;
    this.compiledDigest = validated.wasm().digest();
    this.instancePre = engine.linker().instancePre(compiled.module());
    this.arena = validated.preparer().isPresent() ? Arena.ofShared() : null;
    this.globals =
        validated.preparer().stream()
            .flatMap(preparer -> preparer.globals().stream())
            .map(global -> ExportNames.Name.of(global.export(), Objects.requireNonNull(arena)))
            .toList();
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public @Nullable Duration compilation() {
    return compiled.took();
  }

  @Override
  public long codeBytes() {
    return validated.content() == null
        ? compiled.codeBytes()
        : compiled.codeBytes() / engine.sharedCode().users(compiledDigest);
  }

  @Override
  public void requireStartsWithin(Limits atStart) {
    ModuleValidator.requireStartsWithin(validated.shape(), atStart);
  }

  @Override
  public boolean hold() {
    return holds.take();
  }

  @Override
  public void unhold() {
    holds.release();
  }

  @Override
  public boolean isCommand() {
    return validated.kind() == GuestKind.COMMAND;
  }

  @Override
  public boolean prepares() {
    return validated.preparer().isPresent();
  }

  @Override
  public Optional<ImageMaker> imageMaker() {
    return prepares() ? Optional.of(this::prepare) : Optional.empty();
  }

  Digest compiledDigest() {
    return compiledDigest;
  }

  List<ExportNames.Name> globals() {
    return globals;
  }

  /**
   * What the memory of its instances is before any code runs.
   *
   * @param memory that of an instance which has not run, if it was not read before
   */
  FreshMemory freshMemory(Supplier<MemorySegment> memory) {
    var fresh = freshMemory;
    if (fresh == null) {
      fresh = FreshMemory.of(memory.get());
      freshMemory = fresh;
    }
    return fresh;
  }

  ValidatedModule validated() {
    return validated;
  }

  long instancePre() {
    return instancePre;
  }

  private PreparationResult prepare(Preparation preparation) {
    preparation.limits().requireWithin(limits);
    holds.require();
    try {
      return engine.prepare(this, preparation);
    } finally {
      holds.release();
    }
  }

  @Override
  public InvocationResult run(Invocation invocation) {
    invocation.limits().requireWithin(limits);
    var image = imageFor(invocation);
    holds.require();
    try {
      return engine.run(this, invocation, image);
    } finally {
      holds.release();
    }
  }

  private @Nullable WasmtimeImage imageFor(Invocation invocation) {
    var image = invocation.image();
    if (image == null) {
      return null;
    }
    if (image instanceof WasmtimeImage fitting
        && fitting.module().equals(digest)
        && fitting.compiled().equals(compiledDigest)) {
      return fitting;
    }
    throw new IllegalArgumentException(
        "an image of module %s cannot be used for module %s".formatted(image.module(), digest));
  }

  @Override
  public void close() {
    holds.close();
  }

  private void free() {
    engine.lib().call("wasmtime_instance_pre_delete", instancePre);
    if (validated.content() == null || engine.sharedCode().release(compiledDigest)) {
      engine.lib().call("wasmtime_module_delete", compiled.module());
    }
    if (arena != null) {
      arena.close();
    }
    engine.unregister(this);
  }
}
