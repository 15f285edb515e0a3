package org.wasmbroker.sandbox.component;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.component.WitType.Choices;
import org.wasmbroker.sandbox.component.WitType.Fields;
import org.wasmbroker.sandbox.component.WitType.Flags;
import org.wasmbroker.sandbox.component.WitType.Handle;
import org.wasmbroker.sandbox.component.WitType.ListOf;
import org.wasmbroker.sandbox.component.WitType.Primitive;
import org.wasmbroker.sandbox.host.GuestStoppedException;

/**
 * Takes values out of a guest and puts them into it, by the canonical ABI. What the guest wrote is
 * checked before it is used; what breaks the ABI ends the run.
 *
 * <p>In Java, a number and a {@code char} is a {@code Long}, a {@code bool} a {@code Boolean}, a
 * record or tuple an {@code Object[]}, flags a {@code Long}, a variant, option or result a {@link
 * Choice}, a handle the object that it stands for, a list a {@code List}. A string and a {@code
 * list<u8>} is taken as a {@link Span} of the guest's memory, of which nothing is copied yet, and
 * put as a {@code byte[]}.
 */
final class Values {
  /** The elements of all lists of one call, those of bytes aside. */
  private static final int MAX_ELEMENTS = 10_000;

  private final Guest guest;
  private int elements;

  Values(Guest guest) {
    this.guest = guest;
  }

  /** A range of the guest's memory, which was checked to be one. */
  record Span(int offset, int length) {}

  /**
   * One of the cases of a type.
   *
   * @param value what the case carries, or null
   */
  record Choice(int index, @Nullable Object value) {
    static final Choice NONE = new Choice(0, null);
    static final Choice OK = new Choice(0, null);

    static Choice some(Object value) {
      return new Choice(1, value);
    }

    static Choice ok(Object value) {
      return new Choice(0, value);
    }

    static Choice error(@Nullable Object value) {
      return new Choice(1, value);
    }

    static Choice of(int index) {
      return new Choice(index, null);
    }
  }

  /** Core values one after the other. */
  interface Cells {
    /** The value at a place; one of 32 bits in its low half. */
    long get(int index);
  }

  /** The parameters of a call. */
  @Nullable Object[] parameters(Signature signature, Cells cells) throws GuestStoppedException {
    var types = signature.params();
    if (signature.paramsInMemory()) {
      var all = new Fields(List.of(), types);
      return (Object[]) load(all, checked((int) cells.get(0), all.size(), all.align()));
    }
    var values = new Object[types.size()];
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = flat(types.get(i), cells, at);
      at += types.get(i).flat().size();
    }
    return values;
  }

  private Object flat(WitType type, Cells cells, int at) throws GuestStoppedException {
    return switch (type) {
      case Primitive primitive ->
          primitive == Primitive.STRING
              ? span((int) cells.get(at), (int) cells.get(at + 1))
              : number(primitive, cells.get(at));
      case Flags flags -> cells.get(at) & mask(flags);
      case Handle handle -> handle(handle, (int) cells.get(at));
      case ListOf list -> list(list, (int) cells.get(at), (int) cells.get(at + 1));
      case Fields fields -> {
        var values = new Object[fields.types().size()];
        int next = at;
        for (int i = 0; i < values.length; i++) {
          values[i] = flat(fields.types().get(i), cells, next);
          next += fields.types().get(i).flat().size();
        }
        yield values;
      }
      case Choices choices -> {
        var payload = payload(choices, cells.get(at) & 0xFFFF_FFFFL);
        yield new Choice(
            (int) cells.get(at), payload == null ? null : flat(payload, cells, at + 1));
      }
    };
  }

  /** The value that lies at an offset, where there is room for it. */
  Object load(WitType type, int at) throws GuestStoppedException {
    var memory = guest.memory();
    return switch (type) {
      case Primitive primitive ->
          primitive == Primitive.STRING
              ? span(memory.readI32(at), memory.readI32(at + 4))
              : number(primitive, read(primitive.size(), at));
      case Flags flags -> read(flags.size(), at) & mask(flags);
      case Handle handle -> handle(handle, memory.readI32(at));
      case ListOf list -> list(list, memory.readI32(at), memory.readI32(at + 4));
      case Fields fields -> {
        var values = new Object[fields.types().size()];
        int next = at;
        for (int i = 0; i < values.length; i++) {
          var field = fields.types().get(i);
          next = WitType.aligned(next - at, field.align()) + at;
          values[i] = load(field, next);
          next += field.size();
        }
        yield values;
      }
      case Choices choices -> {
        long index = read(choices.discriminantBytes(), at);
        var payload = payload(choices, index);
        yield new Choice(
            (int) index, payload == null ? null : load(payload, at + choices.payloadOffset()));
      }
    };
  }

  private @Nullable WitType payload(Choices choices, long index) throws GuestStoppedException {
    if (index >= choices.payloads().size()) {
      throw guest.run().violated("a value has case %d of a type with fewer".formatted(index));
    }
    return choices.payloads().get((int) index);
  }

  private static long mask(Flags flags) {
    return (1L << flags.labels().size()) - 1;
  }

  private Object number(Primitive type, long raw) throws GuestStoppedException {
    return switch (type) {
      case BOOL -> (int) raw != 0;
      case U8 -> raw & 0xFF;
      case S8 -> (long) (byte) raw;
      case U16 -> raw & 0xFFFF;
      case S16 -> (long) (short) raw;
      case U32, F32 -> raw & 0xFFFF_FFFFL;
      case S32 -> (long) (int) raw;
      case S64, U64, F64 -> raw;
      case CHAR -> {
        long letter = raw & 0xFFFF_FFFFL;
        if (letter > Character.MAX_CODE_POINT || (letter >= 0xD800 && letter < 0xE000)) {
          throw guest.run().violated("a character is none");
        }
        yield letter;
      }
      case STRING -> throw new IllegalStateException("a string is no number");
    };
  }

  private Object handle(Handle type, int handle) throws GuestStoppedException {
    return type.owned()
        ? guest.handles().take(type.resource(), handle, guest.run())
        : guest.handles().get(type.resource(), handle, guest.run());
  }

  private Object list(ListOf type, int pointer, int count) throws GuestStoppedException {
    if (type.element() == Primitive.U8) {
      return span(pointer, count);
    }
    elements += (int) Math.min(Integer.toUnsignedLong(count), MAX_ELEMENTS + 1);
    if (elements > MAX_ELEMENTS) {
      throw guest.run().violated("it passes more than %d elements".formatted(MAX_ELEMENTS));
    }
    int size = type.element().size();
    int at = checked(pointer, count * size, type.element().align());
    var list = new ArrayList<Object>(count);
    for (int i = 0; i < count; i++) {
      list.add(load(type.element(), at + i * size));
    }
    return list;
  }

  private Span span(int pointer, int length) throws GuestStoppedException {
    return new Span(checked(pointer, length, 1), length);
  }

  private int checked(int pointer, int bytes, int align) throws GuestStoppedException {
    if (Integer.remainderUnsigned(pointer, align) != 0
        || !guest.memory().contains(pointer, bytes)) {
      throw guest
          .run()
          .violated(
              "a value of %d bytes is said to be at %d, which is outside of its memory or not"
                      .formatted(Integer.toUnsignedLong(bytes), Integer.toUnsignedLong(pointer))
                  + " aligned");
    }
    return pointer;
  }

  /** Reads what an exported function returned. */
  @Nullable Object returned(Signature signature, long cell) throws GuestStoppedException {
    var type = signature.result();
    if (type == null) {
      return null;
    }
    return signature.resultInMemory()
        ? load(type, checked((int) cell, type.size(), type.align()))
        : flat(type, _ -> cell, 0);
  }

  /**
   * Gives the result of a call to the guest.
   *
   * @param pointer where it wants a result that does not fit one core value
   * @return the core value of one that does
   */
  long result(Signature signature, @Nullable Object value, int pointer)
      throws GuestStoppedException {
    var type = signature.result();
    if (type == null) {
      return 0;
    }
    if (signature.resultInMemory()) {
      store(type, value, checked(pointer, type.size(), type.align()));
      return 0;
    }
    return switch (type) {
      case Primitive primitive ->
          primitive == Primitive.BOOL ? (truth(value) ? 1 : 0) : (long) required(value);
      case Flags _ -> (long) required(value);
      case Handle handle -> given(handle, value);
      case Choices _ -> ((Choice) required(value)).index();
      case Fields fields ->
          (long) ((Object[]) required(value))[fields.types().size() - 1]; // of one field
      case ListOf _ -> throw new IllegalStateException("a list does not fit a core value");
    };
  }

  private int given(Handle type, @Nullable Object value) throws GuestStoppedException {
    return guest.handles().add(type.resource(), required(value), guest.run());
  }

  /** Puts a value at an offset, where there is room for it. */
  void store(WitType type, @Nullable Object value, int at) throws GuestStoppedException {
    switch (type) {
      case Primitive primitive -> {
        switch (primitive) {
          case STRING -> bytes((byte[]) required(value), at);
          case BOOL -> write(1, at, truth(value) ? 1 : 0);
          default -> write(primitive.size(), at, (long) required(value));
        }
      }
      case Flags flags -> write(flags.size(), at, (long) required(value));
      case Handle handle -> write(4, at, given(handle, value));
      case ListOf list -> {
        if (list.element() == Primitive.U8) {
          bytes((byte[]) required(value), at);
        } else {
          elements(list.element(), (List<?>) required(value), at);
        }
      }
      case Fields fields -> {
        var values = (Object[]) required(value);
        int next = 0;
        for (int i = 0; i < values.length; i++) {
          var field = fields.types().get(i);
          next = WitType.aligned(next, field.align());
          store(field, values[i], at + next);
          next += field.size();
        }
      }
      case Choices choices -> {
        var choice = (Choice) required(value);
        write(choices.discriminantBytes(), at, choice.index());
        var payload = choices.payloads().get(choice.index());
        if (payload != null) {
          store(payload, choice.value(), at + choices.payloadOffset());
        }
      }
    }
  }

  /** Puts bytes into memory of the guest, and where they are at an offset. */
  private void bytes(byte[] bytes, int at) throws GuestStoppedException {
    int pointer = put(bytes);
    write(4, at, pointer);
    write(4, at + 4, bytes.length);
  }

  /** Puts bytes into memory that the guest gives out. */
  int put(byte[] bytes) throws GuestStoppedException {
    int pointer = checked(guest.allocate(1, bytes.length), bytes.length, 1);
    guest.memory().write(pointer, bytes, 0, bytes.length);
    return pointer;
  }

  private void elements(WitType type, List<?> values, int at) throws GuestStoppedException {
    int size = Math.multiplyExact(type.size(), values.size());
    int pointer = checked(guest.allocate(type.align(), size), size, type.align());
    int next = pointer;
    for (var value : values) {
      store(type, value, next);
      next += type.size();
    }
    write(4, at, pointer);
    write(4, at + 4, values.size());
  }

  private long read(int bytes, int at) {
    var memory = guest.memory();
    if (bytes == 8) {
      return memory.readI64(at);
    }
    if (bytes == 4) {
      return memory.readI32(at) & 0xFFFF_FFFFL;
    }
    var raw = memory.read(at, bytes);
    return bytes == 1 ? raw[0] & 0xFF : (raw[0] & 0xFF) | ((raw[1] & 0xFF) << 8);
  }

  private void write(int bytes, int at, long value) {
    var memory = guest.memory();
    switch (bytes) {
      case 8 -> memory.writeI64(at, value);
      case 4 -> memory.writeI32(at, (int) value);
      default -> {
        var raw = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
          raw[i] = (byte) (value >> (8 * i));
        }
        memory.write(at, raw, 0, bytes);
      }
    }
  }

  private static boolean truth(@Nullable Object value) {
    return (boolean) required(value);
  }

  private static Object required(@Nullable Object value) {
    return Objects.requireNonNull(value, "a value of the host is missing");
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
