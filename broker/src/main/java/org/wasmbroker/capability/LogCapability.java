package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.host.LogBudget;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Log lines.
 *
 * <p>{@code log(level, msg_ptr, msg_len, fields_ptr, fields_len) -> i32}: 0. Levels 0 to 4 are
 * trace, debug, info, warn, error; the message is UTF-8, truncated at the limit of a line; the
 * fields are a JSON object, or absent with length 0. FAULT; INVALID for another level or fields
 * that are not a JSON object; TOO_LARGE for fields beyond the limit of a line; BUDGET when the
 * run's budget is used up, and the line is dropped and counted.
 */
final class LogCapability implements BasicCapability {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
                  HostFunctionTable.ABI_MODULE,
                  LogBudget.FUNCTION,
                  List.of(I32, I32, I32, I32, I32),
                  I32,
                  LogCapability::log)
              .callableInPrepare());

  private static final List<GuestLog.Level> LEVELS = List.of(GuestLog.Level.values());
  private static final JsonFactory JSON = new JsonFactory();

  @Override
  public String name() {
    return "log";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public Set<LimitKind> limits() {
    return EnumSet.of(LimitKind.LOG, LimitKind.LOG_LINE);
  }

  private static long log(HostCall call) {
    int level = call.i32(0);
    int messageLength = call.i32(2);
    int fieldsLength = call.i32(4);
    var memory = call.memory();
    if (!memory.contains(call.i32(1), messageLength)
        || !memory.contains(call.i32(3), fieldsLength)) {
      return AbiError.FAULT.code();
    }
    if (level < 0 || level >= LEVELS.size()) {
      return AbiError.INVALID.code();
    }
    var log = call.run().log();
    if (Integer.toUnsignedLong(fieldsLength) > log.maxLineBytes()) {
      return AbiError.TOO_LARGE.code();
    }
    boolean cut = Integer.toUnsignedLong(messageLength) > log.maxLineBytes();
    int kept = cut ? log.maxLineBytes() : messageLength;
    if (!log.admits(kept + fieldsLength)) {
      return AbiError.BUDGET.code();
    }
    String fields = null;
    if (fieldsLength != 0) {
      var written = memory.read(call.i32(3), fieldsLength);
      if (!isJsonObject(written)) {
        return AbiError.INVALID.code();
      }
      fields = fields(new String(written, StandardCharsets.UTF_8), log);
    }
    var message = log.toLogText(memory.read(call.i32(1), kept), cut);
    log.write(LEVELS.get(level), kept + fieldsLength, message, fields);
    return 0;
  }

  /** A JSON object on one line, without the step's secrets. */
  private static String fields(String written, LogBudget log) {
    var redacted = log.redact(written);
    if (!redacted.equals(written) && !isJsonObject(redacted.getBytes(StandardCharsets.UTF_8))) {
      // A value across several members leaves no JSON behind.
      return "{\"redacted\":true}";
    }
    return SafeText.sanitize(redacted, redacted.length());
  }

  private static boolean isJsonObject(byte[] bytes) {
    try (var parser = JSON.createParser(ObjectReadContext.empty(), bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException notJson) {
      return false;
    }
  }
}
