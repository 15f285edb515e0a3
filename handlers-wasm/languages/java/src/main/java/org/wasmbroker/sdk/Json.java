package org.wasmbroker.sdk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * A value of JSON, unchangeable: a view of its text, which is read when it is asked for, so that a
 * large document costs no more than its bytes.
 *
 * <p>It knows its place in the document from which it was read. What is asked of it and does not
 * fit is a {@link Failure} that names the place. A member that is not there is a value, too, which
 * is null.
 */
public final class Json {
  private static final String TYPE = "invalid_json";
  private static final byte[] NOTHING = {};
  private static final String HEX = "0123456789abcdef";
  private static final String ESCAPES = "\"\\/bfnrt";
  private static final String ESCAPED = "\"\\/\b\f\n\r\t";

  /** The value null. */
  public static final Json NULL = written("null");

  private final byte[] source;
  private final int from;
  private final int to;

  /** Null at the top. */
  private final Json parent;

  private final String name;

  /** Of the failures of what does not fit. */
  private final String failureType;

  private Json(byte[] source, int from, int to, Json parent, String name, String failureType) {
    this.source = source;
    this.from = from;
    this.to = to;
    this.parent = parent;
    this.name = name;
    this.failureType = failureType;
  }

  /**
   * Reads a document.
   *
   * @throws Failure of the type {@code invalid_json} if it is none
   */
  public static Json parse(String text) {
    return parse(Utf8.encode(text), TYPE);
  }

  /**
   * Reads a document in UTF-8; the bytes are not copied.
   *
   * @throws Failure of the type {@code invalid_json} if it is none
   */
  public static Json parse(byte[] text) {
    return parse(text, TYPE);
  }

  static Json parse(byte[] text, String failureType) {
    var range = new JsonScanner(text, 0, failureType).document();
    return new Json(text, range[0], range[1], null, "", failureType);
  }

  public static Json of(String value) {
    var out = new Utf8.Buffer();
    quote(value, out);
    return written(out);
  }

  public static Json of(long value) {
    return written(Long.toString(value));
  }

  /**
   * @throws IllegalArgumentException if it is infinite or not a number, which JSON has not
   */
  public static Json of(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("JSON has no number " + value);
    }
    return written(Double.toString(value));
  }

  public static Json of(boolean value) {
    return written(Boolean.toString(value));
  }

  /** An array. */
  public static Json array(Iterable<Json> elements) {
    var out = new Utf8.Buffer();
    out.add('[');
    var separator = "";
    for (var element : elements) {
      out.add(separator);
      element.writeTo(out);
      separator = ",";
    }
    return written(out.add(']'));
  }

  /** An object, to be filled. */
  public static ObjectBuilder object() {
    return new ObjectBuilder();
  }

  /** Writes an object: the members in this order, each name once. It builds one object. */
  public static final class ObjectBuilder {
    private final Utf8.Buffer out = new Utf8.Buffer();
    private boolean isEmpty = true;
    private boolean isBuilt;

    private ObjectBuilder() {}

    public ObjectBuilder put(String name, Json value) {
      checkOpen();
      out.add(isEmpty ? '{' : ',');
      quote(name, out);
      out.add(':');
      value.writeTo(out);
      isEmpty = false;
      return this;
    }

    public ObjectBuilder put(String name, String value) {
      return put(name, of(value));
    }

    public ObjectBuilder put(String name, long value) {
      return put(name, of(value));
    }

    public ObjectBuilder put(String name, double value) {
      return put(name, of(value));
    }

    public ObjectBuilder put(String name, boolean value) {
      return put(name, of(value));
    }

    public Json build() {
      checkOpen();
      isBuilt = true;
      return written(out.add(isEmpty ? "{}" : "}"));
    }

    private void checkOpen() {
      if (isBuilt) {
        throw new IllegalStateException("this object is built already");
      }
    }
  }

  private static Json written(String text) {
    return written(new Utf8.Buffer().add(text));
  }

  private static Json written(Utf8.Buffer text) {
    return new Json(text.bytes(), 0, text.length(), null, "", TYPE);
  }

  /** A member that a document has not. */
  static Json absent(String name, String failureType) {
    return new Json(NOTHING, 0, 0, NULL, name, failureType);
  }

  /** The same value, whose failures have another type. */
  Json failingWith(String type) {
    return new Json(source, from, to, parent, name, type);
  }

  /** Whether it is null, or not there. */
  public boolean isNull() {
    return from == to || source[from] == 'n';
  }

  public boolean isText() {
    return begins('"');
  }

  public boolean isNumber() {
    return begins('-') || (from < to && source[from] >= '0' && source[from] <= '9');
  }

  public boolean isBoolean() {
    return begins('t') || begins('f');
  }

  public boolean isArray() {
    return begins('[');
  }

  public boolean isObject() {
    return begins('{');
  }

  private boolean begins(char character) {
    return from < to && source[from] == character;
  }

  /** A member of an object; null if it is not there. */
  public Json get(String name) {
    if (!isNull()) {
      for (var cursor = new Cursor(true); cursor.hasNext(); ) {
        var member = cursor.next();
        if (member.name.equals(name)) {
          return member;
        }
      }
    }
    return new Json(NOTHING, 0, 0, this, name, failureType);
  }

  /** The elements of an array, read one after the other. */
  public Iterable<Json> elements() {
    if (!isArray()) {
      throw unexpected("an array");
    }
    return () -> new Cursor(false);
  }

  /** The members of an object, in their order. */
  public Map<String, Json> members() {
    var members = new LinkedHashMap<String, Json>();
    for (var cursor = new Cursor(true); cursor.hasNext(); ) {
      var member = cursor.next();
      members.put(member.name, member);
    }
    return members;
  }

  /** Goes through an array or an object. */
  private final class Cursor implements Iterator<Json> {
    private final JsonScanner scanner;
    private final char close;
    private boolean more;
    private int index;

    Cursor(boolean inObject) {
      if (inObject ? !isObject() : !isArray()) {
        throw unexpected(inObject ? "an object" : "an array");
      }
      close = inObject ? '}' : ']';
      scanner = new JsonScanner(source, from, failureType);
      more = scanner.open(close);
    }

    @Override
    public boolean hasNext() {
      return more;
    }

    @Override
    public Json next() {
      if (!more) {
        throw new NoSuchElementException();
      }
      var begin = scanner.at();
      String name;
      if (close == '}') {
        scanner.name();
        name = unquote(begin);
      } else {
        name = Integer.toString(index++);
      }
      begin = scanner.at();
      scanner.value();
      var child = new Json(source, begin, scanner.at(), Json.this, name, failureType);
      more = scanner.comma(close);
      return child;
    }
  }

  public String asText() {
    if (!isText()) {
      throw unexpected("a text");
    }
    return unquote(from);
  }

  /** What is given if it is null. */
  public String asText(String otherwise) {
    return isNull() ? otherwise : asText();
  }

  /** A whole number. */
  public long asLong() {
    if (isNumber()) {
      var text = toString();
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException notPlain) {
        var number = Double.parseDouble(text);
        if (number == Math.rint(number) && Math.abs(number) <= 1L << 53) {
          return (long) number;
        }
      }
    }
    throw unexpected("a whole number of 64 bits");
  }

  /** What is given if it is null. */
  public long asLong(long otherwise) {
    return isNull() ? otherwise : asLong();
  }

  /** The nearest number of 64 bits. */
  public double asDouble() {
    if (!isNumber()) {
      throw unexpected("a number");
    }
    return Double.parseDouble(toString());
  }

  /** What is given if it is null. */
  public double asDouble(double otherwise) {
    return isNull() ? otherwise : asDouble();
  }

  public boolean asBoolean() {
    if (!isBoolean()) {
      throw unexpected("true or false");
    }
    return source[from] == 't';
  }

  /** What is given if it is null. */
  public boolean asBoolean(boolean otherwise) {
    return isNull() ? otherwise : asBoolean();
  }

  /** Its JSON, as it is written. */
  @Override
  public String toString() {
    return from == to ? "null" : Utf8.decode(source, from, to);
  }

  /** Its JSON in UTF-8. */
  public byte[] toBytes() {
    return from == to ? NULL.toBytes() : Arrays.copyOfRange(source, from, to);
  }

  /** Writes it as the output, without a copy. */
  void writeOutput() {
    Host.writeOutput(source, from, to);
  }

  private void writeTo(Utf8.Buffer out) {
    if (from == to) {
      out.add("null");
    } else {
      out.add(source, from, to);
    }
  }

  /** Whether the values are equal, however they are written; numbers have to be written alike. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Json json && content().equals(json.content());
  }

  @Override
  public int hashCode() {
    return content().hashCode();
  }

  /** What is compared. */
  private Object content() {
    if (isObject()) {
      return members();
    }
    if (isArray()) {
      var list = new ArrayList<Json>();
      elements().forEach(list::add);
      return list;
    }
    return isText() ? List.of(asText()) : toString();
  }

  private static void quote(String text, Utf8.Buffer out) {
    Objects.requireNonNull(text);
    out.add('"');
    var plain = 0;
    for (var i = 0; i < text.length(); i++) {
      var code = text.codePointAt(i);
      var isHalf = Utf8.isSurrogate(code);
      if (code >= ' ' && code != '"' && code != '\\' && !isHalf) {
        i += code < 0x10000 ? 0 : 1;
        continue;
      }
      out.add(text.substring(plain, i)).add('\\');
      if (code == '"' || code == '\\') {
        out.add(code);
      } else {
        out.add('u');
        for (var shift = 12; shift >= 0; shift -= 4) {
          out.add(HEX.charAt(code >> shift & 15));
        }
      }
      plain = i + 1;
    }
    out.add(text.substring(plain)).add('"');
  }

  /** The text whose first quote is there. */
  private String unquote(int begin) {
    var end = begin + 1;
    while (source[end] != '"' && source[end] != '\\') {
      end++;
    }
    if (source[end] == '"') {
      return Utf8.decode(source, begin + 1, end);
    }
    var text = new StringBuilder();
    var plain = begin + 1;
    while (source[end] != '"') {
      if (source[end] != '\\') {
        end++;
        continue;
      }
      text.append(Utf8.decode(source, plain, end));
      var escape = source[end + 1];
      end += 2;
      if (escape == 'u') {
        var code = 0;
        for (var i = 0; i < 4; i++) {
          code = code * 16 + JsonScanner.hexDigit(source[end++]);
        }
        text.append((char) code);
      } else {
        text.append(ESCAPED.charAt(ESCAPES.indexOf(escape)));
      }
      plain = end;
    }
    return text.append(Utf8.decode(source, plain, end)).toString();
  }

  private Failure unexpected(String expected) {
    return Failure.permanent(failureType, place() + ": expected " + expected + ", " + kind());
  }

  private String place() {
    if (parent == null) {
      return "the document";
    }
    return (parent.parent == null ? "" : parent.place()) + "/" + name;
  }

  private String kind() {
    if (isNull()) {
      return "there is none";
    }
    return "was "
        + (isText() ? "a text" : isArray() ? "an array" : isObject() ? "an object" : this);
  }
}
