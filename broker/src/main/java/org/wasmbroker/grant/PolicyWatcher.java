package org.wasmbroker.grant;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.document.Problem;
import org.wasmbroker.document.WatchedFile;
import org.wasmbroker.document.WatchedFile.Content;
import org.wasmbroker.document.WatchedFile.Source;
import org.wasmbroker.grant.trust.KeyFiles;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.PolicyEvent;

/**
 * Watches the policy file: applies it when it has changed, and keeps the last valid policy while
 * the file is unusable.
 */
public final class PolicyWatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyWatcher.class);

  private final Path file;
  private final long engineMemoryBytes;
  private final Consumer<Policy> apply;
  private final EventSink events;
  private final WatchedFile<Policy> watched;
  private volatile Policy current;

  /**
   * @param configured the limits unless a class or a rule overrides them
   * @param engineMemoryBytes the maximum memory of a guest for which the engine was started
   * @param apply puts another policy into effect for the steps that start after it returns
   */
  public PolicyWatcher(
      PolicyConfig config,
      Limits configured,
      long engineMemoryBytes,
      Consumer<Policy> apply,
      EventSink events) {
    this.file = Objects.requireNonNull(config.file());
    this.engineMemoryBytes = engineMemoryBytes;
    this.apply = apply;
    this.events = events;
    this.current = config.initial();
    this.watched =
        new WatchedFile<>(
            "policy",
            config.reload(),
            config.initial(),
            Policy::saysTheSameAs,
            () -> content(read(file, configured)),
            new Effects());
  }

  /**
   * Reads a policy file; a file that cannot be read is a problem like any other.
   *
   * @param configured the limits unless a class or a rule overrides them
   */
  public static PolicyReadResult read(Path file, Limits configured) {
    return switch (WatchedFile.read(file, PolicyReader.MAX_BYTES)) {
      case Source.Read(var content) ->
          PolicyReader.read(
              Capabilities.STANDARD,
              file.toString(),
              content.bytes(),
              configured,
              new KeyFiles(file.toAbsolutePath().getParent()));
      case Source.Unreadable(var problem) -> new PolicyReadResult.Invalid(List.of(problem));
    };
  }

  private Content<Policy> content(PolicyReadResult result) {
    return switch (result) {
      case PolicyReadResult.Invalid(var problems) -> new Content.Invalid<>(Problem.join(problems));
      case PolicyReadResult.Valid(var policy)
          when policy.largestMemoryBytes() > engineMemoryBytes ->
          new Content.Invalid<>(
              "its largest class has %d bytes of memory, the engine was started for %d; restart the broker"
                  .formatted(policy.largestMemoryBytes(), engineMemoryBytes));
      case PolicyReadResult.Valid(var policy) -> new Content.Valid<>(policy);
    };
  }

  /** Reports the initial policy, and starts to watch the file. */
  public void start() {
    watched.start();
  }

  /** Checks the file once. */
  void pollOnce() {
    watched.pollOnce();
  }

  private final class Effects implements WatchedFile.User<Policy> {
    @Override
    public void apply(Policy policy) {
      apply.accept(policy);
      current = policy;
    }

    @Override
    public void applied(Policy policy) {
      var digest = Objects.requireNonNull(policy.digest());
      log.atInfo()
          .addKeyValue("file", file)
          .addKeyValue("digest", digest)
          .addKeyValue("rules", policy.rules())
          .log("the policy applies to steps that start from now on");
      events.on(new PolicyEvent.Applied(digest, policy.rules()));
    }

    @Override
    public void refused(String reason) {
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("effective", current.digest())
          .log("the policy file cannot be used; the last valid policy stays in effect: {}", reason);
      events.on(new PolicyEvent.Refused(reason));
    }
  }

  @Override
  public void close() {
    watched.close();
  }
}
