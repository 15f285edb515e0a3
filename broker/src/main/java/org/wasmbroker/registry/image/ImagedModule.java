package org.wasmbroker.registry.image;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.image.KnownPreparation.Failed;
import org.wasmbroker.registry.image.KnownPreparation.Image;
import org.wasmbroker.registry.image.KnownPreparation.TooLarge;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.ImageMaker;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.Preparation;
import org.wasmbroker.sandbox.PreparationResult;
import org.wasmbroker.step.Digest;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ModuleEvent.PreparationFailure;

/**
 * A module whose runs start with an image of their configuration. The first run with a
 * configuration prepares itself, as it would without images; the second one makes the image if the
 * module's {@link PreparationBudget} allows it. No run ever waits for another.
 */
final class ImagedModule implements CompiledModule {
  private final CompiledModule module;
  private final ImageMaker maker;
  private final PreparedImages images;
  private final EventSink events;
  private final LongSupplier nanoTime;
  private final LongSupplier computedNanos;
  private final PreparationBudget budget = new PreparationBudget();
  private volatile boolean closed;

  ImagedModule(
      CompiledModule module,
      ImageMaker maker,
      PreparedImages images,
      EventSink events,
      LongSupplier nanoTime,
      LongSupplier computedNanos) {
    this.module = module;
    this.maker = maker;
    this.images = images;
    this.events = events;
    this.nanoTime = nanoTime;
    this.computedNanos = computedNanos;
  }

  @Override
  public InvocationResult run(Invocation invocation) {
    if (invocation.image() != null) {
      return module.run(invocation);
    }
    var key = ImageKey.of(module, invocation);
    return switch (images.find(key)) {
      case Image(var image, long saves) -> {
        images.count(Lookup.HIT);
        budget.ranWithImage(saves);
        yield module.run(invocation.withImage(image));
      }
      case TooLarge() -> runWithoutImage(Lookup.TOO_LARGE, invocation);
      case Failed(var result) -> {
        images.count(Lookup.FAILED);
        yield RunReceipts.ofRemembered(result, invocation);
      }
      case null -> runUnknown(key, invocation);
    };
  }

  private InvocationResult runWithoutImage(Lookup lookup, Invocation invocation) {
    images.count(lookup);
    var result = module.run(invocation);
    var receipt = result.receipt();
    budget.ranWithoutImage(receipt.instantiation().plus(receipt.execution()).toNanos());
    return result;
  }

  private InvocationResult runUnknown(ImageKey key, Invocation invocation) {
    if (!images.wantedBefore(key)) {
      return runWithoutImage(Lookup.NEW, invocation);
    }
    var kept = key.copy();
    if (!budget.allowsPreparation() || !images.beginPreparation(kept)) {
      return runWithoutImage(Lookup.DEFERRED, invocation);
    }
    if (images.find(kept) != null) { // another thread's has ended since this one looked
      images.endPreparation(kept);
      return run(invocation);
    }
    long before = computedNanos.getAsLong();
    long start = ownTime(invocation);
    PreparationResult result;
    try {
      result = prepare(kept, invocation);
    } finally {
      images.endPreparation(kept);
      budget.spend(computedNanos.getAsLong() - before);
    }
    return runPrepared(result, invocation, ownTime(invocation) - start);
  }

  /** In nanoseconds; it stands while others compute. */
  private long ownTime(Invocation invocation) {
    return nanoTime.getAsLong() - invocation.permit().waitedNanos();
  }

  private PreparationResult prepare(ImageKey key, Invocation invocation) {
    var result =
        maker.prepare(
            new Preparation(
                invocation.handler(),
                key.configuration().document(),
                invocation.limits(),
                invocation.cancellation(),
                invocation.log().preparation(),
                invocation.access(),
                invocation.permit(),
                images.largestImage()));
    tell(result);
    var lasting = lasting(result);
    if (lasting != null) {
      images.keep(key, lasting);
      if (closed) {
        images.forget(key); // it was kept after the others of the module were forgotten
      }
    }
    return result;
  }

  /** What holds for the next runs as well; null for what depends on the moment. */
  private static @Nullable KnownPreparation lasting(PreparationResult result) {
    return switch (result) {
      case PreparationResult.Prepared(var image, var receipt) ->
          new Image(image, receipt.execution().toNanos());
      case PreparationResult.TooLarge _ -> new TooLarge();
      case PreparationResult.Failed(var failure) -> isLasting(failure) ? new Failed(failure) : null;
    };
  }

  /** How long something takes depends on the machine and its load: the next run may have it. */
  private static boolean isLasting(InvocationResult failure) {
    return switch (failure) {
      case InvocationResult.Trapped _, InvocationResult.GuestFailed _ -> true;
      case InvocationResult.LimitExceeded exceeded -> exceeded.limit() != LimitKind.TIME;
      case InvocationResult.Cancelled _, InvocationResult.Completed _ -> false;
    };
  }

  private void tell(PreparationResult result) {
    switch (result) {
      case PreparationResult.Prepared(_, var receipt) ->
          events.on(new ModuleEvent.ImageMade(receipt.instantiation().plus(receipt.execution())));
      case PreparationResult.TooLarge _ -> failed(PreparationFailure.IMAGE_TOO_LARGE);
      case PreparationResult.Failed(var failure) -> {
        switch (failure) {
          case InvocationResult.Trapped _ -> failed(PreparationFailure.TRAPPED);
          case InvocationResult.LimitExceeded _ -> failed(PreparationFailure.LIMIT_EXCEEDED);
          case InvocationResult.GuestFailed _ -> failed(PreparationFailure.GUEST_FAILED);
          case InvocationResult.Cancelled _, InvocationResult.Completed _ -> {}
        }
      }
    }
  }

  private void failed(PreparationFailure reason) {
    events.on(new ModuleEvent.PreparationFailed(reason));
  }

  /**
   * The run for which the preparation was made.
   *
   * @param nanos what the preparation took, which counts against the time limit of the run
   */
  private InvocationResult runPrepared(
      PreparationResult result, Invocation invocation, long nanos) {
    return switch (result) {
      case PreparationResult.Prepared(var image, _) -> {
        images.count(Lookup.MADE);
        yield runInRest(invocation.withImage(image), result, nanos);
      }
      case PreparationResult.TooLarge _ -> {
        images.count(Lookup.TOO_LARGE);
        yield runInRest(invocation, result, nanos);
      }
      case PreparationResult.Failed(var failure) -> {
        images.count(Lookup.FAILED);
        yield RunReceipts.ofPreparation(failure, invocation);
      }
    };
  }

  private InvocationResult runInRest(
      Invocation invocation, PreparationResult preparation, long nanos) {
    long allowed = invocation.limits().time().toMillis();
    long used = TimeUnit.NANOSECONDS.toMillis(nanos);
    if (used >= allowed) {
      return RunReceipts.ofPreparation(
          new InvocationResult.LimitExceeded(LimitKind.TIME, allowed, used, preparation.receipt()),
          invocation);
    }
    var limits = invocation.limits();
    var rest = used == 0 ? limits : limits.withTime(Duration.ofMillis(allowed - used));
    var result = RunReceipts.withPreparation(module.run(invocation.withLimits(rest)), preparation);
    return result instanceof InvocationResult.LimitExceeded exceeded
            && exceeded.limit() == LimitKind.TIME
        ? new InvocationResult.LimitExceeded(
            LimitKind.TIME, allowed, exceeded.used() + used, exceeded.receipt())
        : result;
  }

  @Override
  public Digest digest() {
    return module.digest();
  }

  @Override
  public @Nullable Duration compilation() {
    return module.compilation();
  }

  @Override
  public long codeBytes() {
    return module.codeBytes();
  }

  @Override
  public void requireStartsWithin(Limits limits) {
    module.requireStartsWithin(limits);
  }

  @Override
  public boolean hold() {
    return module.hold();
  }

  @Override
  public void unhold() {
    module.unhold();
  }

  @Override
  public boolean prepares() {
    return module.prepares();
  }

  @Override
  public Optional<ImageMaker> imageMaker() {
    return Optional.of(maker);
  }

  @Override
  public void close() {
    closed = true;
    images.forgetAll(module);
    module.close();
  }
}
