package org.wasmbroker.registry.trust;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.trust.TrustRules;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TrustEvent;

/**
 * Sees, at an interval, that the approvals or the keys that are accepted have changed, and has the
 * verdicts on all modules given anew. A file of approvals that is invalid, or that is missing after
 * it was there, is reported and changes nothing else: the last valid approvals stay in force. At
 * the start there are none.
 */
public final class TrustWatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrustWatcher.class);

  private final TrustPolicy policy;
  private final @Nullable Path file;
  private final Duration interval;
  private final TimeSource time;
  private final Runnable changed;
  private final EventSink events;
  private final TaskLoop loop;
  private boolean read; // by this
  private @Nullable String lastProblem; // by this
  private KeyTimes keys = KeyTimes.NONE; // by this

  /**
   * @param file the approvals, or null if there are none
   * @param changed has the verdicts on all modules given anew
   */
  public TrustWatcher(
      TrustPolicy policy,
      @Nullable Path file,
      Duration interval,
      TimeSource time,
      Runnable changed,
      EventSink events) {
    this.policy = policy;
    this.file = file;
    this.interval = interval;
    this.time = time;
    this.changed = changed;
    this.events = events;
    this.loop = new TaskLoop("approvals", interval, this::poll);
  }

  /** Reads the approvals once, so that they hold for the first module, and starts to watch. */
  public void start() {
    pollOnce();
    loop.start();
  }

  private Duration poll() {
    pollOnce();
    return interval;
  }

  /** Puts other demands into force. */
  public void apply(TrustRules rules) {
    policy.apply(rules);
    var _ = look();
    changed.run();
  }

  /** Looks once. */
  void pollOnce() {
    if (look()) {
      changed.run();
    }
  }

  /** Whether verdicts may have changed. */
  private synchronized boolean look() {
    boolean otherApprovals = file != null && readApprovals(new ApprovalsFile(file));
    boolean otherKeys = checkKeys();
    return otherApprovals || otherKeys;
  }

  private boolean readApprovals(ApprovalsFile approvals) {
    return switch (approvals.read()) {
      case ApprovalsFile.Reading.Valid(var valid) -> accept(valid);
      case ApprovalsFile.Reading.Missing _ -> {
        if (!read) {
          yield accept(Approvals.NONE);
        }
        yield policy.approvals().list().isEmpty() ? accept(Approvals.NONE) : reject("no such file");
      }
      case ApprovalsFile.Reading.Invalid(var problems) -> reject(Problem.join(problems));
    };
  }

  private boolean accept(Approvals approvals) {
    boolean same = approvals.equals(policy.approvals());
    if (same && read && lastProblem == null) {
      return false;
    }
    read = true;
    lastProblem = null;
    policy.apply(approvals);
    log.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("approvals", approvals.list().size())
        .log("the approvals are in force");
    events.on(new TrustEvent.ApprovalsApplied(approvals.list().size()));
    return !same;
  }

  /** Reports a problem once, however long it persists. */
  private boolean reject(String reason) {
    if (!reason.equals(lastProblem)) {
      lastProblem = reason;
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("approvals", policy.approvals().list().size())
          .log("the approvals cannot be used; those that were in force stay so: {}", reason);
      events.on(new TrustEvent.ApprovalsRefused(reason));
    }
    return false;
  }

  /** Whether a key has become or ceased to be accepted. */
  private boolean checkKeys() {
    var before = keys;
    keys = KeyTimes.at(time.now(), policy.rules());
    if (keys.equals(before)) {
      return false;
    }
    keys.ending()
        .forEach(
            (key, notice) -> {
              if (!notice.equals(before.ending().get(key))) {
                log.warn("signatures: {}", notice);
              }
            });
    events.on(new TrustEvent.KeysChanged(keys.ends(), keys.notices()));
    return !keys.accepted().equals(before.accepted());
  }

  @Override
  public void close() {
    loop.close();
  }
}
