package org.wasmbroker.registry.image;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.HandlerConfiguration;
import org.wasmbroker.sandbox.ImageMaker;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Preparation;
import org.wasmbroker.sandbox.PreparationResult;
import org.wasmbroker.sandbox.PreparedImage;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.Receipt;

/**
 * A module whose image is its configuration and whose result is what it was prepared with. Its work
 * takes time of a clock of its own: a preparation {@link #PREPARATION}, everything else {@link
 * #REST}.
 */
final class PreparingModule implements CompiledModule {
  static final Duration PREPARATION = Duration.ofNanos(80_000);
  static final Duration REST = Duration.ofNanos(20_000);

  private static final Digest DIGEST = Digest.of(new byte[] {1});

  final AtomicLong clock;
  final List<String> prepared = new CopyOnWriteArrayList<>();
  private final long imageBytes;
  private volatile Function<Preparation, @Nullable InvocationResult> failing = _ -> null;
  private volatile Duration preparation = PREPARATION;
  private volatile boolean closed;

  record Image(String configuration, long bytes) implements PreparedImage {
    @Override
    public Digest module() {
      return DIGEST;
    }

    @Override
    public long memoryBytes() {
      return 1 << 16;
    }
  }

  PreparingModule(AtomicLong clock, long imageBytes) {
    this.clock = clock;
    this.imageBytes = imageBytes;
  }

  /** From now on, preparations end so; null for those that succeed. */
  void failing(Function<Preparation, @Nullable InvocationResult> how) {
    failing = how;
  }

  void preparationTakes(Duration time) {
    preparation = time;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public Digest digest() {
    return DIGEST;
  }

  @Override
  public @Nullable Duration compilation() {
    return null;
  }

  @Override
  public boolean prepares() {
    return true;
  }

  @Override
  public Optional<ImageMaker> imageMaker() {
    return Optional.of(this::prepare);
  }

  private PreparationResult prepare(Preparation wanted) {
    var configuration = wanted.configuration().text();
    prepared.add(configuration);
    clock.addAndGet(REST.plus(preparation).toNanos());
    var failure = failing.apply(wanted);
    var receipt = receipt(0, REST, preparation, false);
    if (failure != null) {
      return new PreparationResult.Failed(failure);
    }
    return imageBytes > wanted.maxImageBytes()
        ? new PreparationResult.TooLarge(imageBytes, receipt)
        : new PreparationResult.Prepared(new Image(configuration, imageBytes), receipt);
  }

  @Override
  public InvocationResult run(Invocation invocation) {
    var image = (Image) invocation.image();
    var configuration =
        image == null
            ? HandlerConfiguration.of(invocation.input()).document().text()
            : image.configuration();
    var execution = image == null ? REST.plus(preparation) : REST;
    clock.addAndGet(execution.toNanos());
    return new InvocationResult.Completed(
        Document.of(configuration),
        receipt(invocation.input().size(), Duration.ZERO, execution, image != null));
  }

  static Receipt receipt(int bytesIn, Duration instantiation, Duration execution, boolean image) {
    return new Receipt(
        null,
        new EngineInfo("fake", "1"),
        Duration.ZERO,
        Duration.ZERO,
        instantiation,
        execution,
        1 << 16,
        List.of(),
        bytesIn,
        0,
        0,
        GrantUsage.NONE,
        image,
        null);
  }

  /** The configuration that a run was prepared with. */
  static String configurationOf(InvocationResult result) {
    return new String(
        ((InvocationResult.Completed) result).output().bytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed = true;
  }
}
