package org.wasmbroker.sandbox.component;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.component.ValidatedComponent.Callable;
import org.wasmbroker.sandbox.component.ValidatedComponent.Export;
import org.wasmbroker.sandbox.component.ValidatedComponent.Runner;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestMemory;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs a handler by its {@code run}: the step document in, and of what it returns the result
 * document is made. Its result and the context of its failure are put there as they are, once it is
 * known that each is one JSON value: else a handler could write members beside them. The document
 * is then read as what every guest writes is.
 */
final class HandlerRun implements Runner {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final byte[] BEGIN = bytes("{\"status\":\"completed\",\"result\":");
  private static final byte[] END = bytes("}");

  private final Signature signature;
  private final Export function;
  private final @Nullable Export postReturn;

  HandlerRun(Signature signature, Export function, @Nullable Export postReturn) {
    this.signature = signature;
    this.function = function;
    this.postReturn = postReturn;
  }

  @Override
  public int run(Callable guest) throws GuestStoppedException {
    var input = guest.run().invocation().input();
    var values = new Values(guest);
    int pointer = values.put(input.bytes());
    long returned = guest.call(function, pointer, input.size());
    if (new Values(guest).returned(signature, returned) instanceof Choice choice) {
      guest.run().writeOutput(document(choice, guest));
    }
    if (postReturn != null) {
      guest.call(postReturn, returned);
    }
    return 0;
  }

  private static Document document(Choice returned, Callable guest) throws GuestStoppedException {
    if (returned.index() == 0 && returned.value() instanceof Span result) {
      requireFits(Integer.toUnsignedLong(result.length()) + BEGIN.length + END.length, guest);
      var document = new byte[BEGIN.length + result.length() + END.length];
      System.arraycopy(BEGIN, 0, document, 0, BEGIN.length);
      guest.memory().readInto(result.offset(), document, BEGIN.length, result.length());
      requireOneValue("result", document, BEGIN.length, result.length(), guest);
      System.arraycopy(END, 0, document, document.length - END.length, END.length);
      return Document.of(document);
    }
    return failure((Object[]) Objects.requireNonNull(returned.value()), guest);
  }

  private static Document failure(Object[] failure, Callable guest) throws GuestStoppedException {
    long length = 0;
    for (var member : failure) {
      length += member instanceof Span text ? Integer.toUnsignedLong(text.length()) : 0;
      length +=
          member instanceof Choice option && option.value() instanceof Span text
              ? Integer.toUnsignedLong(text.length())
              : 0;
    }
    requireFits(length, guest);
    var out = new ByteArrayOutputStream();
    var memory = guest.memory();
    out.writeBytes(bytes("{\"status\":\"failed\",\"error\":{\"type\":"));
    out.writeBytes(quoted((Span) failure[0], memory));
    out.writeBytes(bytes(",\"message\":"));
    out.writeBytes(quoted((Span) failure[1], memory));
    out.writeBytes(bytes(",\"retryable\":" + failure[2]));
    if (((Choice) failure[3]).value() instanceof Span code) {
      out.writeBytes(bytes(",\"code\":"));
      out.writeBytes(quoted(code, memory));
    }
    if (((Choice) failure[4]).value() instanceof Long millis) {
      out.writeBytes(bytes(",\"retry_after_ms\":" + Long.toUnsignedString(millis)));
    }
    if (((Choice) failure[5]).value() instanceof Span context) {
      var text = memory.read(context.offset(), context.length());
      requireOneValue("failure's context", text, 0, text.length, guest);
      out.writeBytes(bytes(",\"context\":"));
      out.writeBytes(text);
    }
    out.writeBytes(bytes("}}"));
    requireFits(out.size(), guest);
    return Document.of(out.toByteArray());
  }

  private static void requireOneValue(
      String what, byte[] bytes, int offset, int length, Callable guest)
      throws GuestStoppedException {
    var problem = OneJsonValue.problem(bytes, offset, length);
    if (problem != null) {
      throw guest
          .run()
          .violated(
              "the %s that 'run' returned is not one JSON value: %s".formatted(what, problem));
    }
  }

  private static void requireFits(long bytes, Callable guest) throws GuestStoppedException {
    long limit = guest.run().limits().outputBytes();
    if (bytes > limit) {
      throw guest.run().exceeded(LimitKind.OUTPUT, limit, bytes);
    }
  }

  private static byte[] quoted(Span text, GuestMemory memory) {
    var read = new String(memory.read(text.offset(), text.length()), StandardCharsets.UTF_8);
    return JSON.writeValueAsBytes(read);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
