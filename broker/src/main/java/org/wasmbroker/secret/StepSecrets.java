package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.grant.SecretGrant;
import org.wasmbroker.grant.SecretName;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.secret.SecretAudit.Answer;
import org.wasmbroker.secret.SecretAudit.Use;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;

/**
 * The secrets of one step, for all of its runs: what it may read, what is filled into its requests,
 * and the watch for each value that it was given in one way or the other. A value that was filled
 * in is watched for too, since the other side may send it back.
 *
 * <p>Each question is answered by the sources anew, so that a long step gets a rotated value; the
 * old one is still watched for. Used by the step's thread; costs nothing until a secret is used.
 */
public final class StepSecrets implements GuestSecrets, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StepSecrets.class);

  /** Values of one secret in one step; more of them are no rotation. */
  private static final int MAX_VALUES = 100;

  private final Map<SecretName, SecretGrant> grants;
  private final SecretStore store;
  private final SecretAudit audit;
  private final Map<SecretName, List<SecretValue>> issued = new HashMap<>();
  private final Set<SecretName> reported = new HashSet<>();
  private @Nullable LeakScanner scanner;

  /**
   * @param grants the secrets that hold for the handler, by name
   */
  public StepSecrets(
      Map<SecretName, SecretGrant> grants,
      SecretStore store,
      ModuleId module,
      Step step,
      EventSink events) {
    this.grants = grants;
    this.store = store;
    this.audit = new SecretAudit(module, step, events);
  }

  @Override
  public byte[] read(String name) throws CallRefusedException {
    var secret = parseName(name);
    if (secret == null) {
      throw refused(AbiError.INVALID);
    }
    var grant = grants.get(secret);
    if (grant == null || !grant.readable()) {
      audit.used(name, Use.READ, Answer.DENIED, "");
      throw refused(AbiError.DENIED);
    }
    Optional<SecretValue> value;
    try {
      value = value(secret);
    } catch (SecretUnavailableException unavailable) {
      logUnavailable(secret, unavailable);
      audit.used(name, Use.READ, Answer.UNAVAILABLE, "");
      throw refused(AbiError.IO);
    }
    if (value.isEmpty()) {
      audit.used(name, Use.READ, Answer.NOT_FOUND, "");
      throw refused(AbiError.NOT_FOUND);
    }
    audit.used(name, Use.READ, Answer.ALLOWED, "");
    return value.orElseThrow().bytes();
  }

  private static CallRefusedException refused(AbiError error) {
    return new CallRefusedException(error, Document.EMPTY);
  }

  /**
   * The text with the value of each {@code {{secret:NAME}}} in its place. Counts as a use of the
   * secret, and the values are watched for from now on.
   *
   * @param destination where the request goes, for the audit
   * @param bound whether a granted secret may be part of that request
   */
  public String fill(String text, String destination, Predicate<SecretGrant> bound)
      throws FillRefusedException {
    return Placeholders.fill(text, name -> filling(name, destination, bound));
  }

  private String filling(String name, String destination, Predicate<SecretGrant> bound)
      throws FillRefusedException {
    var secret = parseName(name);
    if (secret == null) {
      throw new FillRefusedException(
          AbiError.INVALID, "a placeholder of a secret has a name that no secret can have");
    }
    var grant = grants.get(secret);
    if (grant == null || !bound.test(grant)) {
      audit.used(name, Use.FILL, Answer.DENIED, destination);
      throw new FillRefusedException(
          AbiError.DENIED,
          grant == null
              ? "secret %s is not granted to this handler".formatted(name)
              : "secret %s is not bound to this destination".formatted(name));
    }
    try {
      var value = value(secret);
      if (value.isPresent()) {
        audit.used(name, Use.FILL, Answer.ALLOWED, destination);
        return new String(value.orElseThrow().bytes(), StandardCharsets.UTF_8);
      }
    } catch (SecretUnavailableException unavailable) {
      logUnavailable(secret, unavailable);
      audit.used(name, Use.FILL, Answer.UNAVAILABLE, destination);
      throw new FillRefusedException(
          AbiError.IO, "secret %s cannot be read now; the broker's log says why".formatted(name));
    }
    audit.used(name, Use.FILL, Answer.NOT_FOUND, destination);
    throw new FillRefusedException(
        AbiError.NOT_FOUND, "secret %s is granted, but the broker has none".formatted(name));
  }

  private static @Nullable SecretName parseName(String text) {
    try {
      return new SecretName(text);
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  /** The value as it is now; it stays with the step, which watches for it. */
  private Optional<SecretValue> value(SecretName name) {
    var found = store.find(name).orElse(null);
    if (found == null) {
      return Optional.empty();
    }
    var values = issued.computeIfAbsent(name, first -> new ArrayList<>());
    for (var known : values) {
      if (known.hasSameBytes(found)) {
        found.close();
        return Optional.of(known);
      }
    }
    if (values.size() == MAX_VALUES) {
      found.close();
      throw new SecretUnavailableException(
          "secret %s has changed %d times within one step".formatted(name, MAX_VALUES), null);
    }
    if (scanner == null) {
      scanner = new LeakScanner();
    }
    scanner.add(name, found.bytes());
    values.add(found);
    return Optional.of(found);
  }

  /** Once in a step, however often its guest asks. */
  private void logUnavailable(SecretName secret, SecretUnavailableException unavailable) {
    if (reported.add(secret)) {
      log.atError()
          .addKeyValue("secret", secret)
          .log("a secret cannot be used: {}", unavailable.getMessage());
    }
  }

  /** Whether any value was given to the step. */
  public boolean hasIssuedValues() {
    return scanner != null;
  }

  /**
   * The first value that stands in a text in one form or another, and where.
   *
   * @param where what the text is, such as {@code the result document}
   */
  public Optional<Leak> findLeak(byte[] text, String where) {
    if (scanner == null) {
      return Optional.empty();
    }
    var found = scanner.find(text);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var leak =
        new Leak(
            found.orElseThrow().name(),
            found.orElseThrow().form(),
            JsonPointer.locate(text, scanner));
    audit.leaked(leak, where);
    return Optional.of(leak);
  }

  /** The first value that stands in a text, as {@link #findLeak(byte[], String)}. */
  public Optional<Leak> findLeak(String text, String where) {
    return scanner == null
        ? Optional.empty()
        : findLeak(text.getBytes(StandardCharsets.UTF_8), where);
  }

  /** The error with which the step ends if its output carries a value, or null. */
  public @Nullable StepError problem(Document output) {
    var where = "the result document";
    return findLeak(output.bytes(), where).map(leak -> leak.toError(where)).orElse(null);
  }

  /** The same error with names in place of values. */
  public StepError withoutSecrets(StepError error) {
    if (scanner == null) {
      return error;
    }
    var context = error.context();
    return new StepError(
        redact(error.type(), false),
        redact(error.message(), false),
        error.retryable(),
        error.code() == null ? null : redact(error.code(), false),
        error.retryAfter(),
        error.backtrace().stream().map(frame -> redact(frame, true)).toList(),
        context == null || findLeak(context.bytes(), "the error's context").isPresent()
            ? null
            : context);
  }

  @Override
  public String redact(String text, boolean cut) {
    return scanner == null ? text : scanner.redact(text, cut);
  }

  /** Writes the end of the audit and overwrites the values. */
  @Override
  public void close() {
    audit.close();
    issued.values().forEach(values -> values.forEach(SecretValue::close));
    issued.clear();
    if (scanner != null) {
      scanner.erase();
      scanner = null;
    }
  }
}
