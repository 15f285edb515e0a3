package org.wasmbroker.grant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.trust.KeyFiles;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.PolicyEvent;

/**
 * Checks the policy file at an interval, and applies it when it has changed. A file that is invalid
 * or missing is reported and changes nothing else: the last valid policy stays in effect.
 *
 * <p>The whole file is read each time, since it is small, and neither its timestamp nor its size
 * proves that it is unchanged: mounted volumes swap files under one name.
 */
public final class PolicyWatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyWatcher.class);

  private final Path file;
  private final PolicyConfig config;
  private final Limits configured;
  private final long engineMemoryBytes;
  private final Consumer<Policy> apply;
  private final EventSink events;
  private final TaskLoop loop;
  private Policy current; // by this
  private @Nullable String lastProblem; // by this

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
    this.config = config;
    this.configured = configured;
    this.engineMemoryBytes = engineMemoryBytes;
    this.apply = apply;
    this.events = events;
    this.current = config.initial();
    this.loop = new TaskLoop("policy", config.reload(), this::poll);
  }

  /**
   * Reads a policy file; a file that cannot be read is a problem like any other.
   *
   * @param configured the limits unless a class or a rule overrides them
   */
  public static PolicyReadResult read(Path file, Limits configured) {
    try (var stream = Files.newInputStream(file)) {
      var bytes = stream.readNBytes(PolicyReader.MAX_BYTES + 1);
      var keyFiles = new KeyFiles(file.toAbsolutePath().getParent());
      return PolicyReader.read(Capabilities.STANDARD, file.toString(), bytes, configured, keyFiles);
    } catch (NoSuchFileException gone) {
      return invalid(file, "no such file");
    } catch (IOException unreadable) {
      return invalid(file, "cannot be read: " + unreadable.getMessage());
    }
  }

  private static PolicyReadResult invalid(Path file, String message) {
    return new PolicyReadResult.Invalid(
        List.of(new Problem(Location.of(file.toString()), "", message)));
  }

  /** Reports the initial policy, and starts to watch the file. */
  public synchronized void start() {
    loop.start();
    notifyApplied(current);
  }

  private Duration poll() {
    pollOnce();
    return config.reload();
  }

  /** Checks the file once. */
  synchronized void pollOnce() {
    switch (read(file, configured)) {
      case PolicyReadResult.Invalid(var problems) -> reject(Problem.join(problems));
      case PolicyReadResult.Valid(var policy) -> {
        if (policy.largestMemoryBytes() > engineMemoryBytes) {
          reject(
              "its largest class has %d bytes of memory, the engine was started for %d; restart the broker"
                  .formatted(policy.largestMemoryBytes(), engineMemoryBytes));
        } else {
          accept(policy);
        }
      }
    }
  }

  private void accept(Policy policy) {
    if (policy.saysTheSameAs(current)) {
      if (lastProblem != null) {
        lastProblem = null;
        notifyApplied(current);
      }
      return;
    }
    apply.accept(policy);
    current = policy;
    lastProblem = null;
    notifyApplied(policy);
  }

  /** Reports a problem once, however long it persists. */
  private void reject(String reason) {
    if (reason.equals(lastProblem)) {
      return;
    }
    lastProblem = reason;
    log.atError()
        .addKeyValue("file", file)
        .addKeyValue("effective", current.digest())
        .log("the policy file cannot be used; the last valid policy stays in effect: {}", reason);
    events.on(new PolicyEvent.Refused(reason));
  }

  private void notifyApplied(Policy policy) {
    var digest = Objects.requireNonNull(policy.digest());
    log.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("digest", digest)
        .addKeyValue("rules", policy.rules())
        .log("the policy applies to steps that start from now on");
    events.on(new PolicyEvent.Applied(digest, policy.rules()));
  }

  @Override
  public void close() {
    loop.close();
  }
}
