package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.TagLimiter;
import org.wasmbroker.telemetry.micrometer.KnownValues.HttpRefusal;
import org.wasmbroker.telemetry.micrometer.KnownValues.SecretUse;

/**
 * The meters of one handler's HTTP requests and secrets. Destinations are tagged with the policy
 * rule that grants them: a URL is chosen by the guest, and would create time series without bound.
 */
final class CallMeters {
  private static final int MAX_TAG_VALUES = 30;

  private final OwnedMeters meters;
  private final String handler;
  private final TagLimiter rules;
  private final TagLimiter tagValues = new TagLimiter(MAX_TAG_VALUES, Set.of());
  private final ConcurrentHashMap<HttpRefusal, Counter> refused = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<SecretUse, Counter> secrets = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> audited = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Sent, Counter> requests = new ConcurrentHashMap<>();
  private volatile @Nullable Bytes bytes;
  private volatile @Nullable Cached cached;
  private volatile @Nullable UsedFiles usedFiles;

  private record Sent(String rule, String outcome) {}

  private record Bytes(Counter sent, Counter received) {}

  private record Cached(
      Counter hits, Counter misses, Counter puts, Counter refused, Counter deletes) {}

  private record UsedFiles(
      Counter opened,
      Counter created,
      Counter removed,
      Counter refused,
      Counter read,
      Counter written) {}

  /**
   * @param rules shared by all handlers
   */
  CallMeters(OwnedMeters meters, String handler, TagLimiter rules) {
    this.meters = meters;
    this.handler = handler;
    this.rules = rules;
  }

  /** Has the series that there can be of a handler that requests HTTP. */
  void expectHttp(List<HttpRefusal> refusals) {
    var _ = bytes();
    refusals.forEach(
        refusal ->
            refusedCounter(tagValues.limit(refusal.error()), tagValues.limit(refusal.reason())));
  }

  /** Has the series that there can be of a handler that requests secrets. */
  void expectSecrets(List<SecretUse> uses) {
    uses.forEach(this::secretCounter);
  }

  /** Has the series that there can be of a handler that requests a cache. */
  void expectCache() {
    var _ = cached();
  }

  void cached(CallEvent.CacheUsed cache) {
    var counters = cached();
    counters.hits().increment((double) cache.hits());
    counters.misses().increment((double) cache.misses());
    counters.puts().increment((double) cache.puts());
    counters.refused().increment((double) cache.refused());
    counters.deletes().increment((double) cache.deletes());
  }

  /** Has the series that there can be of a handler that requests files. */
  void expectFiles() {
    var _ = usedFiles();
  }

  void usedFiles(CallEvent.FilesUsed files) {
    var counters = usedFiles();
    counters.opened().increment((double) files.opened());
    counters.created().increment((double) files.created());
    counters.removed().increment((double) files.removed());
    counters.refused().increment((double) files.refused());
    counters.read().increment((double) files.bytesRead());
    counters.written().increment((double) files.bytesWritten());
  }

  void used(CallEvent.SecretUsed secret) {
    secretCounter(new SecretUse(tagValues.limit(secret.use()), tagValues.limit(secret.answer())))
        .increment();
  }

  void sent(CallEvent.HttpCompleted request, String rule) {
    requests
        .computeIfAbsent(
            new Sent(rule, tagValues.limit(request.outcome())),
            sent ->
                counter(
                    "wasm.broker.http.requests",
                    "Guests' HTTP requests that were sent, by handler, policy rule and outcome: the"
                        + " status class or the error type.",
                    "rule",
                    sent.rule(),
                    "outcome",
                    sent.outcome()))
        .increment();
    bytes().sent().increment((double) request.sentBytes());
    bytes().received().increment((double) request.receivedBytes());
  }

  void refused(CallEvent.HttpRefused request) {
    refusedCounter(tagValues.limit(request.error()), tagValues.limit(request.reason())).increment();
  }

  void audited(CallEvent.HttpAudited request) {
    audited
        .computeIfAbsent(
            rule(rules, request.rule()),
            rule ->
                counter(
                    "wasm.broker.http.audited",
                    "Guests' HTTP requests that only a rule in mode audit allowed.",
                    "rule",
                    rule))
        .increment();
  }

  /** {@code handlers[2].http[0]} in the characters that a tag may have. */
  static String rule(TagLimiter rules, String rule) {
    return rules.limit(rule.replace('[', '.').replace("]", ""));
  }

  private Counter refusedCounter(String error, String reason) {
    return refused.computeIfAbsent(
        new HttpRefusal(error, reason),
        refusal ->
            counter(
                "wasm.broker.http.refused",
                "Guests' HTTP requests without a response, by the error returned to the guest and"
                    + " the reason.",
                "error",
                refusal.error(),
                "reason",
                refusal.reason()));
  }

  private Counter secretCounter(SecretUse use) {
    return secrets.computeIfAbsent(
        use,
        tags ->
            counter(
                "wasm.broker.secrets.used",
                "Uses of secrets by steps, including refused ones; the logger `audit` has each.",
                "use",
                tags.use(),
                "answer",
                tags.answer()));
  }

  private Bytes bytes() {
    var existing = bytes;
    if (existing == null) {
      existing =
          new Bytes(
              byteCounter("wasm.broker.http.sent", "Bytes sent in guests' HTTP requests."),
              byteCounter(
                  "wasm.broker.http.received",
                  "Bytes of HTTP responses to guests, after decompression."));
      bytes = existing;
    }
    return existing;
  }

  private Cached cached() {
    var existing = cached;
    if (existing == null) {
      existing =
          new Cached(
              cacheCounter("hit"),
              cacheCounter("miss"),
              cacheCounter("put"),
              cacheCounter("refused"),
              cacheCounter("delete"));
      cached = existing;
    }
    return existing;
  }

  private UsedFiles usedFiles() {
    var existing = usedFiles;
    if (existing == null) {
      existing =
          new UsedFiles(
              filesCounter("opened"),
              filesCounter("created"),
              filesCounter("removed"),
              filesCounter("refused"),
              byteCounter(
                  "wasm.broker.files.read", "Bytes that steps that have ended read from files."),
              byteCounter(
                  "wasm.broker.files.written", "Bytes that steps that have ended wrote to files."));
      usedFiles = existing;
    }
    return existing;
  }

  private Counter filesCounter(String result) {
    return counter(
        "wasm.broker.files.calls",
        "Files and directories that steps that have ended opened, created and removed, and how often"
            + " what they wrote did not fit (refused).",
        "result",
        result);
  }

  private Counter cacheCounter(String result) {
    return counter(
        "wasm.broker.cache.calls",
        "Uses of the cache by steps that have ended: a value was found (hit) or not (miss), put, not"
            + " allowed to be put (refused), deleted.",
        "result",
        result);
  }

  private Counter byteCounter(String name, String description) {
    return meters.own(
        Counter.builder(name)
            .description(description)
            .baseUnit("bytes")
            .tag("handler", handler)
            .register(meters.registry()));
  }

  private Counter counter(String name, String description, String... tags) {
    return meters.own(
        Counter.builder(name)
            .description(description)
            .tag("handler", handler)
            .tags(tags)
            .register(meters.registry()));
  }
}
