package org.wasmbroker.schema;

import java.util.function.Consumer;

/** Values as short JSON text, for messages. */
final class JsonText {
  /** A value in a message is cut after so many characters. */
  private static final int MAX_SHOWN = 60;

  private JsonText() {}

  /** The value, cut where it is long. */
  static String of(JsonValue value) {
    var text = new StringBuilder();
    append(text, value);
    return text.length() <= MAX_SHOWN ? text.toString() : text.substring(0, MAX_SHOWN) + "…";
  }

  private static void append(StringBuilder text, JsonValue value) {
    if (text.length() > MAX_SHOWN) {
      return;
    }
    switch (value) {
      case JsonValue.Null() -> text.append("null");
      case JsonValue.Bool(boolean is) -> text.append(is);
      case JsonValue.Num(var number) -> text.append(number);
      case JsonValue.Text(var string) -> quote(text, string);
      case JsonValue.Items(var items) ->
          enclosed(text, '[', items, ']', item -> append(text, item));
      case JsonValue.Members(var members) ->
          enclosed(
              text,
              '{',
              members.entrySet(),
              '}',
              member -> {
                quote(text, member.getKey());
                text.append(':');
                append(text, member.getValue());
              });
    }
  }

  private static <T> void enclosed(
      StringBuilder text, char start, Iterable<T> parts, char end, Consumer<T> append) {
    text.append(start);
    boolean first = true;
    for (var part : parts) {
      if (text.length() > MAX_SHOWN) {
        return;
      }
      if (!first) {
        text.append(',');
      }
      first = false;
      append.accept(part);
    }
    text.append(end);
  }

  private static void quote(StringBuilder text, String string) {
    text.append('"');
    for (int i = 0; i < string.length() && text.length() <= MAX_SHOWN; i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\');
      }
      text.append(c);
    }
    text.append('"');
  }
}
