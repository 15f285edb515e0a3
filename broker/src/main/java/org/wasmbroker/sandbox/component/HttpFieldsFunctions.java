package org.wasmbroker.sandbox.component;

import static org.wasmbroker.sandbox.component.Values.utf8;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.HeaderSyntax;
import org.wasmbroker.sandbox.component.HttpFields.Field;
import org.wasmbroker.sandbox.component.Values.Choice;
import org.wasmbroker.sandbox.component.Values.Span;
import org.wasmbroker.sandbox.host.GuestStoppedException;

/**
 * The functions of {@code fields} of {@code wasi:http/types}. Names and values that no request can
 * have are refused here, so that a guest learns which one it is.
 */
final class HttpFieldsFunctions {
  private static final String ERROR = "variant{invalid-syntax, forbidden, immutable}";
  private static final String ENTRIES = "list<tuple<string, list<u8>>>";
  private static final String SELF = "borrow<fields>";

  private static final Choice INVALID_SYNTAX = Choice.error(Choice.of(0));
  private static final Choice FORBIDDEN = Choice.error(Choice.of(1));
  private static final Choice IMMUTABLE = Choice.error(Choice.of(2));

  private final ComponentFunctions functions;

  private HttpFieldsFunctions(ComponentFunctions functions) {
    this.functions = functions;
  }

  static void define(ComponentFunctions functions) {
    new HttpFieldsFunctions(functions).define();
  }

  private void define() {
    functions.droppers().add("fields", HttpFieldsFunctions::drop);
    define("[constructor]fields", "func() -> own<fields>", (_, _) -> HttpFields.empty());
    define(
        "[static]fields.from-list",
        "func(" + ENTRIES + ") -> result<own<fields>, " + ERROR + ">",
        HttpFieldsFunctions::fromList);
    define(
        "[method]fields.get",
        "func(" + SELF + ", string) -> list<list<u8>>",
        (call, arguments) -> self(arguments).values(name(call, arguments[1])));
    define(
        "[method]fields.has",
        "func(" + SELF + ", string) -> bool",
        (call, arguments) -> !self(arguments).values(name(call, arguments[1])).isEmpty());
    define(
        "[method]fields.set",
        "func(" + SELF + ", string, list<list<u8>>) -> result<_, " + ERROR + ">",
        (call, arguments) -> put(call, arguments, (List<?>) arguments[2], true));
    define(
        "[method]fields.append",
        "func(" + SELF + ", string, list<u8>) -> result<_, " + ERROR + ">",
        (call, arguments) -> put(call, arguments, List.of(arguments[2]), false));
    define(
        "[method]fields.delete",
        "func(" + SELF + ", string) -> result<_, " + ERROR + ">",
        (call, arguments) -> put(call, arguments, List.of(), true));
    define(
        "[method]fields.entries",
        "func(" + SELF + ") -> " + ENTRIES,
        (_, arguments) ->
            self(arguments).all().stream()
                .map(field -> new Object[] {utf8(field.name()), field.value()})
                .toList());
    define(
        "[method]fields.clone",
        "func(" + SELF + ") -> own<fields>",
        (call, arguments) -> self(arguments).copy(call));
  }

  /** All of them are in memory: each is one host call that no function of the table answers. */
  private void define(String name, String type, ComponentFunction.Body body) {
    functions.define(
        OutgoingHttp.TYPES,
        name,
        type,
        (call, arguments) -> {
          call.count();
          return body.call(call, arguments);
        });
  }

  private static void drop(ComponentCall call, Object fields) throws GuestStoppedException {
    call.count();
    ((HttpFields) fields).release(call);
  }

  private static HttpFields self(Object[] arguments) {
    return (HttpFields) arguments[0];
  }

  private static Choice fromList(ComponentCall call, Object[] arguments)
      throws GuestStoppedException {
    var fields = HttpFields.empty();
    for (var entry : (List<?>) arguments[0]) {
      var pair = (Object[]) entry;
      var name = name(call, pair[0]);
      var value = value(call, pair[1]);
      var wrong = wrong(name);
      if (wrong != null || value == null) {
        fields.release(call);
        return wrong == null ? INVALID_SYNTAX : wrong;
      }
      fields.add(new Field(name, value), call);
    }
    return Choice.ok(fields);
  }

  private static Choice put(ComponentCall call, Object[] arguments, List<?> values, boolean instead)
      throws GuestStoppedException {
    var fields = self(arguments);
    if (!fields.isMutable()) {
      return IMMUTABLE;
    }
    var name = name(call, arguments[1]);
    var wrong = wrong(name);
    if (wrong != null) {
      return wrong;
    }
    var added = new ArrayList<Field>();
    for (var value : values) {
      var bytes = value(call, value);
      if (bytes == null) {
        return INVALID_SYNTAX;
      }
      if (added.size() == HttpFields.MAX_FIELDS) {
        throw call.run()
            .violated("it puts more than %d into fields".formatted(HttpFields.MAX_FIELDS));
      }
      added.add(new Field(name, bytes));
    }
    if (instead) {
      fields.remove(name, call);
    }
    for (var field : added) {
      fields.add(field, call);
    }
    return Choice.OK;
  }

  private static @Nullable Choice wrong(String name) {
    if (!HeaderSyntax.isName(name)) {
      return INVALID_SYNTAX;
    }
    return HttpFields.isForbidden(name) ? FORBIDDEN : null;
  }

  /** What is longer than any name is cut, and so still is none. */
  private static String name(ComponentCall call, Object given) throws GuestStoppedException {
    var span = (Span) given;
    long length =
        Math.min(Integer.toUnsignedLong(span.length()), HeaderSyntax.MAX_NAME_LENGTH + 1L);
    return new String(
        call.guest().memory().read(span.offset(), (int) length), StandardCharsets.ISO_8859_1);
  }

  private static byte @Nullable [] value(ComponentCall call, Object given)
      throws GuestStoppedException {
    var span = (Span) given;
    if (Integer.toUnsignedLong(span.length()) > HeaderSyntax.MAX_VALUE_LENGTH) {
      return null;
    }
    var bytes = call.guest().memory().read(span.offset(), span.length());
    return HeaderSyntax.isValue(new String(bytes, StandardCharsets.ISO_8859_1)) ? bytes : null;
  }
}
