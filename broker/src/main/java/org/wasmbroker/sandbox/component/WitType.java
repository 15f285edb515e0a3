package org.wasmbroker.sandbox.component;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;

/**
 * A type of a component's values: how it is written, and how the canonical ABI lays it out. In
 * memory a value has {@link #size} bytes at a multiple of {@link #align}; as parameters of a core
 * function it is the values of {@link #flat}.
 */
sealed interface WitType {
  int size();

  int align();

  /** The core types of its parts. */
  List<ValueType> flat();

  /** As WIT writes it, with the definitions of names in their place. */
  String text();

  /** A type without parts. */
  enum Primitive implements WitType {
    BOOL(0x7f, 1, ValueType.I32),
    S8(0x7e, 1, ValueType.I32),
    U8(0x7d, 1, ValueType.I32),
    S16(0x7c, 2, ValueType.I32),
    U16(0x7b, 2, ValueType.I32),
    S32(0x7a, 4, ValueType.I32),
    U32(0x79, 4, ValueType.I32),
    S64(0x78, 8, ValueType.I64),
    U64(0x77, 8, ValueType.I64),
    F32(0x76, 4, ValueType.F32),
    F64(0x75, 8, ValueType.F64),
    CHAR(0x74, 4, ValueType.I32),
    /** A pointer and a length. */
    STRING(0x73, 8, ValueType.I32);

    private final int code;
    private final int size;
    private final ValueType core;

    Primitive(int code, int size, ValueType core) {
      this.code = code;
      this.size = size;
      this.core = core;
    }

    static @Nullable Primitive ofCode(int code) {
      for (var one : values()) {
        if (one.code == code) {
          return one;
        }
      }
      return null;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public int align() {
      return this == STRING ? 4 : size;
    }

    @Override
    public List<ValueType> flat() {
      return this == STRING ? List.of(core, core) : List.of(core);
    }

    @Override
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A pointer and a number of elements. */
  record ListOf(WitType element) implements WitType {
    @Override
    public int size() {
      return 8;
    }

    @Override
    public int align() {
      return 4;
    }

    @Override
    public List<ValueType> flat() {
      return Primitive.STRING.flat();
    }

    @Override
    public String text() {
      return "list<" + element.text() + ">";
    }
  }

  /**
   * A record, or a tuple.
   *
   * @param names those of the fields; none of a tuple
   */
  record Fields(List<String> names, List<WitType> types) implements WitType {
    public Fields {
      names = List.copyOf(names);
      types = List.copyOf(types);
    }

    @Override
    public int size() {
      int at = 0;
      for (var type : types) {
        at = aligned(at, type.align()) + type.size();
      }
      return aligned(at, align());
    }

    @Override
    public int align() {
      return types.stream().mapToInt(WitType::align).max().orElse(1);
    }

    @Override
    public List<ValueType> flat() {
      return types.stream().flatMap(type -> type.flat().stream()).toList();
    }

    @Override
    public String text() {
      if (names.isEmpty()) {
        return types.stream().map(WitType::text).collect(joining(", ", "tuple<", ">"));
      }
      var text = new ArrayList<String>();
      for (int i = 0; i < types.size(); i++) {
        text.add(names.get(i) + ": " + types.get(i).text());
      }
      return "record{" + String.join(", ", text) + "}";
    }
  }

  /** The one of several types that a value has. */
  sealed interface Choices extends WitType {
    /** What each case carries; null for nothing. */
    List<@Nullable WitType> payloads();

    default int discriminantBytes() {
      int count = payloads().size();
      return count <= 256 ? 1 : count <= 65_536 ? 2 : 4;
    }

    /** Where the payload lies. */
    default int payloadOffset() {
      return aligned(discriminantBytes(), payloadAlign());
    }

    private int payloadAlign() {
      int align = 1;
      for (var payload : payloads()) {
        align = payload == null ? align : Math.max(align, payload.align());
      }
      return align;
    }

    @Override
    default int align() {
      return Math.max(discriminantBytes(), payloadAlign());
    }

    @Override
    default int size() {
      int largest = 0;
      for (var payload : payloads()) {
        largest = payload == null ? largest : Math.max(largest, payload.size());
      }
      return aligned(payloadOffset() + largest, align());
    }

    @Override
    default List<ValueType> flat() {
      var joined = new ArrayList<ValueType>();
      for (var payload : payloads()) {
        var flat = payload == null ? List.<ValueType>of() : payload.flat();
        for (int i = 0; i < flat.size(); i++) {
          if (i < joined.size()) {
            joined.set(i, join(joined.get(i), flat.get(i)));
          } else {
            joined.add(flat.get(i));
          }
        }
      }
      joined.addFirst(ValueType.I32);
      return joined;
    }

    private static ValueType join(ValueType one, ValueType other) {
      if (one == other) {
        return one;
      }
      boolean narrow =
          (one == ValueType.I32 && other == ValueType.F32)
              || (one == ValueType.F32 && other == ValueType.I32);
      return narrow ? ValueType.I32 : ValueType.I64;
    }
  }

  /** A variant, or an enum, whose cases carry nothing. */
  record Variant(List<String> names, List<@Nullable WitType> payloads, boolean isEnum)
      implements Choices {
    @Override
    public String text() {
      var cases = new ArrayList<String>();
      for (int i = 0; i < names.size(); i++) {
        var payload = payloads.get(i);
        cases.add(names.get(i) + (payload == null ? "" : "(" + payload.text() + ")"));
      }
      return (isEnum ? "enum{" : "variant{") + String.join(", ", cases) + "}";
    }
  }

  /** Case 0 is none, case 1 is some. */
  record OptionOf(WitType some) implements Choices {
    @Override
    public List<@Nullable WitType> payloads() {
      var payloads = new ArrayList<@Nullable WitType>();
      payloads.add(null);
      payloads.add(some);
      return payloads;
    }

    @Override
    public String text() {
      return "option<" + some.text() + ">";
    }
  }

  /** Case 0 is ok, case 1 is the error. */
  record ResultOf(@Nullable WitType ok, @Nullable WitType error) implements Choices {
    @Override
    public List<@Nullable WitType> payloads() {
      var payloads = new ArrayList<@Nullable WitType>();
      payloads.add(ok);
      payloads.add(error);
      return payloads;
    }

    @Override
    public String text() {
      if (ok == null && error == null) {
        return "result";
      }
      return "result<"
          + (ok == null ? "_" : ok.text())
          + (error == null ? "" : ", " + error.text())
          + ">";
    }
  }

  /** At most 32 bits. */
  record Flags(List<String> labels) implements WitType {
    @Override
    public int size() {
      return labels.size() <= 8 ? 1 : labels.size() <= 16 ? 2 : 4;
    }

    @Override
    public int align() {
      return size();
    }

    @Override
    public List<ValueType> flat() {
      return List.of(ValueType.I32);
    }

    @Override
    public String text() {
      return "flags{" + String.join(", ", labels) + "}";
    }
  }

  /**
   * A handle of a resource of the host.
   *
   * @param owned whether it is given away, or lent for a call
   */
  record Handle(String resource, boolean owned) implements WitType {
    @Override
    public int size() {
      return 4;
    }

    @Override
    public int align() {
      return 4;
    }

    @Override
    public List<ValueType> flat() {
      return List.of(ValueType.I32);
    }

    @Override
    public String text() {
      return (owned ? "own<" : "borrow<") + resource + ">";
    }
  }

  /** The next multiple of the alignment. */
  static int aligned(int offset, int align) {
    return (offset + align - 1) / align * align;
  }
}
