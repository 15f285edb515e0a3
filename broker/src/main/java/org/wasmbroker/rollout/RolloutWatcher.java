package org.wasmbroker.rollout;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.document.Problem;
import org.wasmbroker.document.WatchedFile;
import org.wasmbroker.document.WatchedFile.Content;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.RolloutEvent;

/**
 * Watches the rollout file. A changed one is applied as a whole, once every version that steps
 * would get for certain can serve them: the stable ones and those of the default channel. So no
 * step waits for a module because of a change, and a version that nobody offers changes nothing.
 * What is wrong with a candidate is logged, and its steps get the stable version.
 */
public final class RolloutWatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RolloutWatcher.class);

  private final Path file;
  private final Rollouts rollouts;
  private final Consumer<Set<HandlerRef>> loadAhead;
  private final Function<HandlerRef, @Nullable String> prepare;
  private final Runnable changed;
  private final EventSink events;
  private final WatchedFile<Rollout> watched;

  /**
   * @param rollouts has the initial content of the file
   * @param loadAhead begins to load what exact references mean, several at once, and does not wait
   * @param prepare loads what an exact reference means, which may take long; returns why it cannot
   *     serve, or null
   * @param changed is told after another file came into force
   */
  public RolloutWatcher(
      RolloutConfig config,
      Rollouts rollouts,
      Consumer<Set<HandlerRef>> loadAhead,
      Function<HandlerRef, @Nullable String> prepare,
      Runnable changed,
      EventSink events) {
    this.file = Objects.requireNonNull(config.file());
    this.rollouts = rollouts;
    this.loadAhead = loadAhead;
    this.prepare = prepare;
    this.changed = changed;
    this.events = events;
    this.watched =
        new WatchedFile<>(
            "rollout-file",
            config.reload(),
            config.initial(),
            (read, current) -> Objects.equals(read.digest(), current.digest()),
            this::read,
            new Effects());
  }

  /**
   * Loads the candidates of the initial content, since until then their steps would get the stable
   * version, and other ones on another broker; reports it, and starts to watch the file.
   */
  public void start() {
    var handlers = rollouts.rollout().handlers().values();
    loadAhead.accept(
        handlers.stream().flatMap(RolloutWatcher::candidate).collect(Collectors.toSet()));
    handlers.forEach(this::loadCandidate);
    watched.start();
  }

  /** Checks the file once. */
  void pollOnce() {
    watched.pollOnce();
  }

  private Content<Rollout> read() {
    return switch (RolloutReader.read(file)) {
      case RolloutReadResult.Invalid(var problems) -> new Content.Invalid<>(Problem.join(problems));
      case RolloutReadResult.Valid(var rollout)
          when Objects.equals(rollout.digest(), rollouts.rollout().digest()) ->
          new Content.Valid<>(rollout);
      case RolloutReadResult.Valid(var rollout) -> {
        var problems = unusable(rollout);
        yield problems.isEmpty()
            ? new Content.Valid<>(rollout)
            : new Content.Invalid<>(file + ": " + String.join("; ", problems));
      }
    };
  }

  /** Those that are in force already are left alone: they serve, or nothing better is known. */
  private List<String> unusable(Rollout next) {
    var problems = new ArrayList<String>();
    var handlers = next.handlers().values();
    loadAhead.accept(
        handlers.stream()
            .flatMap(handler -> Stream.concat(Stream.of(stable(handler)), candidate(handler)))
            .collect(Collectors.toSet()));
    for (var handler : handlers) {
      var reference = stable(handler);
      if (!reference.equals(rollouts.stable(handler.handler()))) {
        var problem = prepare.apply(reference);
        if (problem != null) {
          problems.add("%s cannot serve: %s".formatted(reference, problem));
        }
      }
      loadCandidate(handler);
    }
    return problems;
  }

  private static HandlerRef stable(HandlerRollout handler) {
    return new HandlerRef(handler.handler(), handler.stable().toString());
  }

  private static Stream<HandlerRef> candidate(HandlerRollout handler) {
    var candidate = handler.candidate();
    return candidate == null
        ? Stream.empty()
        : Stream.of(new HandlerRef(handler.handler(), candidate.version().toString()));
  }

  /** One that cannot serve is no reason to refuse the file. */
  private void loadCandidate(HandlerRollout handler) {
    candidate(handler)
        .forEach(
            reference -> {
              var problem = prepare.apply(reference);
              if (problem != null) {
                log.atWarn()
                    .addKeyValue("candidate", reference)
                    .log(
                        "a candidate cannot serve; its steps get the stable version meanwhile: {}",
                        problem);
              }
            });
  }

  private final class Effects implements WatchedFile.User<Rollout> {
    @Override
    public void apply(Rollout rollout) {
      rollouts.apply(rollout);
      changed.run();
    }

    @Override
    public void applied(Rollout rollout) {
      var digest = Objects.requireNonNull(rollout.digest());
      log.atInfo()
          .addKeyValue("file", file)
          .addKeyValue("digest", digest)
          .addKeyValue("handlers", rollout.handlers().size())
          .addKeyValue("candidates", rollout.candidates())
          .log("the rollout applies to steps that start from now on");
      events.on(new RolloutEvent.Applied(digest, rollout.handlers().size(), rollout.candidates()));
    }

    @Override
    public void refused(String reason) {
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("effective", rollouts.rollout().digest())
          .log("the rollout file cannot be used; the last valid one stays in effect: {}", reason);
      events.on(new RolloutEvent.Refused(reason));
    }
  }

  @Override
  public void close() {
    watched.close();
  }
}
