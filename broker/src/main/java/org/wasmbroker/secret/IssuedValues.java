package org.wasmbroker.secret;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;

/**
 * The values that a step was given, numbered from 0, and what keeps them from leaving it. Costs
 * nothing until there is one. Used by the step's thread.
 */
final class IssuedValues {
  private static final String RESULT = "the result document";
  private static final String ERROR = "the error";

  private final BiConsumer<Leak, String> leaked;
  private final List<Issued> issued = new ArrayList<>();
  private @Nullable LeakScanner scanner;

  /** A value with its number being its place. */
  private record Issued(SecretName name, SecretValue value, SecretValue standIn) {}

  /**
   * @param leaked told of each leak, and what the text is in which it was found
   */
  IssuedValues(BiConsumer<Leak, String> leaked) {
    this.leaked = leaked;
  }

  boolean isEmpty() {
    return issued.isEmpty();
  }

  /** How many values of one secret there are. */
  long count(SecretName name) {
    return issued.stream().filter(each -> each.name.equals(name)).count();
  }

  /** The number of a value that is known, or -1. */
  int find(SecretName name, SecretValue value) {
    for (int i = 0; i < issued.size(); i++) {
      var each = issued.get(i);
      if (each.name.equals(name) && each.value.hasSameBytes(value)) {
        return i;
      }
    }
    return -1;
  }

  SecretValue value(int number) {
    return issued.get(number).value;
  }

  /** Adds a value, which is closed with the others. */
  int add(SecretName name, SecretValue value) {
    int number = issued.size();
    var standIn = SecretValue.of(StandIn.of(name.text(), number, value.bytes()));
    add(name, value, standIn);
    return number;
  }

  /** Adds a value that stands in for another one, and so for itself. */
  void addStandIn(SecretName name, byte[] standIn) {
    add(name, SecretValue.of(standIn.clone()), SecretValue.of(standIn.clone()));
  }

  private void add(SecretName name, SecretValue value, SecretValue standIn) {
    if (scanner == null) {
      scanner = new LeakScanner();
    }
    scanner.add(name, value.bytes());
    issued.add(new Issued(name, value, standIn));
  }

  /** What stands in for each value, by its number. */
  List<NamedStandIn> standIns() {
    return issued.stream()
        .map(each -> new NamedStandIn(each.name, Document.of(each.standIn.bytes().clone())))
        .toList();
  }

  /**
   * A copy of the text in which no value is, and which is as long; the text itself if none is in
   * it.
   *
   * @param truncated whether more text followed
   */
  byte[] masked(byte[] text, boolean truncated) {
    return scanner == null
        ? text
        : scanner.mask(text, truncated, owner -> issued.get(owner).standIn.bytes());
  }

  /** Whether a value is in the text in any form; tells nobody. */
  boolean isIn(byte[] text) {
    return scanner != null && scanner.find(text).isPresent();
  }

  Optional<Leak> findLeak(byte[] text, String where) {
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
            LeakLocator.locate(text, scanner));
    leaked.accept(leak, where);
    return Optional.of(leak);
  }

  @Nullable StepError checkOutput(Document output) {
    return findLeak(output.bytes(), RESULT).map(leak -> leak.toError(RESULT)).orElse(null);
  }

  StepError redact(StepError error) {
    if (scanner == null) {
      return error;
    }
    var parts = new ArrayList<>(List.of(error.type(), error.message()));
    parts.addAll(error.backtrace());
    if (error.code() != null) {
      parts.add(error.code());
    }
    if (error.context() != null) {
      parts.add(error.context().document().text());
    }
    return findLeak(String.join("\n", parts).getBytes(StandardCharsets.UTF_8), ERROR)
        .map(leak -> leak.toError(ERROR))
        .orElse(error);
  }

  String redact(String text, boolean cut) {
    return scanner == null ? text : scanner.redact(text, cut);
  }

  /** Overwrites the values. */
  void erase() {
    issued.forEach(each -> each.value.close());
    issued.clear();
    if (scanner != null) {
      scanner.erase();
      scanner = null;
    }
  }
}
