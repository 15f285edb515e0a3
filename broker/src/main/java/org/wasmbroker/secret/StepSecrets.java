package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.capability.SecretGrant;
import org.wasmbroker.capability.SecretName;
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
import org.wasmbroker.url.HttpTarget;

/**
 * The secrets of one step, for all of its runs: those that it may read, those that are filled into
 * its requests, and the scanner for every value that it was given in either way. Values that were
 * filled in are scanned for, too, since the server may echo them.
 *
 * <p>Every use looks the value up in the sources again, so that a long step gets a rotated value;
 * the old one is still scanned for. Used by the step's thread; costs nothing until a secret is
 * used.
 */
public final class StepSecrets implements GuestSecrets {
  private static final Logger log = LoggerFactory.getLogger(StepSecrets.class);

  /** The maximum number of different values of one secret in one step; more are not a rotation. */
  private static final int MAX_VALUES = 100;

  private final Map<SecretName, SecretGrant> grants;
  private final SecretStore store;
  private final SecretAudit audit;
  private final IssuedValues issued;
  private final Set<SecretName> reported = new HashSet<>();
  private UseListener listener = _ -> {};

  /** Told of each value that is given to the step, by the value's number. */
  @FunctionalInterface
  public interface UseListener {
    void used(int number);
  }

  /**
   * @param grants the handler's effective secrets, by name
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
    this.issued = new IssuedValues(audit::leaked);
  }

  /** Tells the listener of each value that is issued from now on. */
  public void listen(UseListener newListener) {
    this.listener = newListener;
  }

  @Override
  public byte[] read(String name) throws CallRefusedException {
    return issue(name, Use.READ, "", SecretGrant::readable).bytes();
  }

  /**
   * The text with the value of each {@code {{secret:NAME}}} in its place. Counts as a use of the
   * secret, and the values are scanned for from now on.
   *
   * @param target where the request goes; each secret must be bound to it
   * @throws CallRefusedException INVALID for a malformed placeholder, else as {@link #read}
   */
  public String fill(String text, HttpTarget target) throws CallRefusedException {
    return Placeholders.fill(
        text,
        name -> {
          var value = issue(name, Use.FILL, target.origin(), grant -> grant.isBoundTo(target));
          return new String(value.bytes(), StandardCharsets.UTF_8);
        });
  }

  /**
   * Issues a value to the step, and audits that it was issued or why not.
   *
   * @param destination where the value goes, or empty if it is the guest that reads it
   * @param permits whether a granted secret may be used in this way
   */
  private SecretValue issue(
      String name, Use use, String destination, Predicate<SecretGrant> permits)
      throws CallRefusedException {
    var secret = parseName(name);
    if (secret == null) {
      throw new CallRefusedException(AbiError.INVALID, "not a valid name of a secret");
    }
    var grant = grants.get(secret);
    if (grant == null || !permits.test(grant)) {
      audit.used(name, use, Answer.DENIED, destination);
      throw new CallRefusedException(AbiError.DENIED, denial(secret, use, grant != null));
    }
    SecretValue value;
    try {
      value = current(secret);
    } catch (SecretUnavailableException unavailable) {
      logUnavailable(secret, unavailable);
      audit.used(name, use, Answer.UNAVAILABLE, destination);
      throw new CallRefusedException(
          AbiError.IO, "secret %s cannot be read now; the broker's log says why".formatted(name));
    }
    if (value == null) {
      audit.used(name, use, Answer.NOT_FOUND, destination);
      throw new CallRefusedException(
          AbiError.NOT_FOUND, "secret %s is granted, but the broker has none".formatted(name));
    }
    audit.used(name, use, Answer.ALLOWED, destination);
    return value;
  }

  private static String denial(SecretName name, Use use, boolean granted) {
    if (!granted) {
      return "secret " + name + " is not granted to this handler";
    }
    return use == Use.READ
        ? "secret " + name + " may be filled into requests, but not read"
        : "secret " + name + " is not bound to this destination";
  }

  private static @Nullable SecretName parseName(String text) {
    try {
      return new SecretName(text);
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  /** The current value, which stays with the step and is scanned for; null if there is none. */
  private @Nullable SecretValue current(SecretName name) {
    var found = store.find(name).orElse(null);
    if (found == null) {
      return null;
    }
    int number = issued.find(name, found);
    if (number >= 0) {
      found.close();
    } else if (issued.count(name) == MAX_VALUES) {
      found.close();
      throw new SecretUnavailableException(
          "secret %s has changed %d times within one step".formatted(name, MAX_VALUES), null);
    } else {
      number = issued.add(name, found);
    }
    listener.used(number);
    return issued.value(number);
  }

  /** Logs once per step, however often its guest asks. */
  private void logUnavailable(SecretName secret, SecretUnavailableException unavailable) {
    if (reported.add(secret)) {
      log.atError()
          .addKeyValue("secret", secret)
          .log("a secret cannot be used: {}", unavailable.getMessage());
    }
  }

  /** Whether the step was given any value. */
  boolean hasIssuedValues() {
    return !issued.isEmpty();
  }

  /**
   * Finds the first value that a text contains in any form.
   *
   * @param where what the text is, such as {@code the result document}
   */
  public Optional<Leak> findLeak(byte[] text, String where) {
    return issued.findLeak(text, where);
  }

  /** Finds the first value that a text contains, as {@link #findLeak(byte[], String)}. */
  public Optional<Leak> findLeak(String text, String where) {
    return issued.isEmpty()
        ? Optional.empty()
        : findLeak(text.getBytes(StandardCharsets.UTF_8), where);
  }

  /**
   * A copy of the text in which no value that the step was given is in any form, and which is as
   * long; the text itself if none is in it.
   *
   * @param truncated whether more text followed, so that it may end with the beginning of a value
   */
  public byte[] masked(byte[] text, boolean truncated) {
    return issued.masked(text, truncated);
  }

  /** Whether a value that the step was given is in the text in any form; not audited. */
  public boolean isIn(byte[] text) {
    return issued.isIn(text);
  }

  /** What stands in for each value that the step was given, by its number. */
  public List<NamedStandIn> standIns() {
    return issued.standIns();
  }

  /** The error with which the step ends if its output contains a value, or null. */
  @Override
  public @Nullable StepError checkOutput(Document output) {
    return issued.checkOutput(output);
  }

  /** The same error, or another one in its place if any part of it contains a value. */
  @Override
  public StepError redact(StepError error) {
    return issued.redact(error);
  }

  @Override
  public String redact(String text, boolean cut) {
    return issued.redact(text, cut);
  }

  /** Completes the audit and overwrites the values. */
  @Override
  public void close() {
    audit.close();
    issued.erase();
  }
}
