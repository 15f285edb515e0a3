package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;
import static org.wasmbroker.sandbox.ValueType.I64;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestCache;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What steps of one module keep for each other.
 *
 * <ul>
 *   <li>{@code cache_get(key_ptr, key_len, value_ptr, value_cap) -> i32}: the length of the value
 *       in bytes. It is copied to {@code value_ptr} if {@code value_cap} is at least that; else
 *       nothing is. NOT_FOUND.
 *   <li>{@code cache_put(key_ptr, key_len, value_ptr, value_len, ttl_ms) -> i32}: 0. INVALID for a
 *       time to live of less than 1; TOO_LARGE; BUDGET.
 *   <li>{@code cache_delete(key_ptr, key_len) -> i32}: 1 if there was a value, else 0.
 * </ul>
 *
 * FAULT; INVALID for an empty key, TOO_LARGE for one of more than 512 bytes.
 */
final class CacheCapability implements Capability<Boolean, CacheGrant, CacheGrant> {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          function("cache_get", List.of(I32, I32, I32, I32), CacheCapability::get),
          function("cache_put", List.of(I32, I32, I32, I32, I64), CacheCapability::put),
          function("cache_delete", List.of(I32, I32), CacheCapability::delete));

  private static final long KEY_BYTES = LimitKind.CACHE_KEY.defaultValue();
  private static final long VALUE_BYTES = LimitKind.CACHE_VALUE.defaultValue();

  private static HostFunction function(
      String name, List<ValueType> params, HostFunction.Body body) {
    return new HostFunction(HostFunctionTable.ABI_MODULE, name, params, I32, body);
  }

  @Override
  public String name() {
    return "cache";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public Set<LimitKind> limits() {
    return EnumSet.of(LimitKind.CACHE_KEY, LimitKind.CACHE_VALUE);
  }

  @Override
  public Boolean readRequest(ObjectReader capabilities) {
    var requested = capabilities.json("cache", JsonNode::isBoolean, "true or false");
    return requested != null && requested.booleanValue();
  }

  @Override
  public Boolean defaultRequest() {
    return false;
  }

  @Override
  public RuleReader<CacheGrant> readPolicy(ObjectReader root) {
    return CacheRuleReader::read;
  }

  /** Of each bound, the largest that a rule grants. */
  @Override
  public CacheGrant merge(List<CacheGrant> rules) {
    return rules.stream().reduce(CacheGrant.NONE, CacheGrant::or);
  }

  @Override
  public CacheGrant intersect(Boolean requested, CacheGrant permitted) {
    return requested ? permitted : CacheGrant.NONE;
  }

  @Override
  public boolean isGranted(CacheGrant permitted) {
    return !permitted.isNone();
  }

  @Override
  public String grantedBy() {
    return "a size in cache";
  }

  @Override
  public String notGranted() {
    return "no applicable rule has a cache";
  }

  @Override
  public void explain(Boolean requested, CacheGrant permitted, Consumer<String> differences) {
    if (requested && permitted.isNone()) {
      differences.accept("a cache is requested, but no applicable rule grants one");
    } else if (!requested && !permitted.isNone()) {
      differences.accept("a cache is granted but not requested by the manifest");
    }
  }

  @Override
  public Map<String, ?> describeRequest(Boolean requested) {
    return Map.of("cache", requested);
  }

  @Override
  public void describeAdded(Boolean before, Boolean after, Consumer<String> added) {
    if (after && !before) {
      added.accept("a cache, in which its steps keep data for each other");
    }
  }

  @Override
  public Map<String, ?> describePermit(CacheGrant permitted) {
    return Map.of("cache", permitted.isNone() ? "none" : permitted.describe());
  }

  @Override
  public Map<String, ?> describeGrant(CacheGrant granted) {
    return describePermit(granted);
  }

  @Override
  public void summarize(CacheGrant granted, ObjectNode receipt) {
    if (!granted.isNone()) {
      receipt
          .putObject("cache")
          .put("bytes", granted.bytes())
          .put("entries", granted.entries())
          .put("ttl_ms", granted.ttl().toMillis());
    }
  }

  private static GuestCache cache(HostCall call) {
    var cache = call.run().invocation().access().find(GuestCache.class);
    return cache == null ? GuestCache.NONE : cache;
  }

  private static long get(HostCall call) {
    var wrong = !isInMemory(call, 2) ? AbiError.FAULT : wrongKey(call);
    if (wrong != null) {
      return wrong.code();
    }
    var value = cache(call).get(bytes(call, 0));
    if (value == null) {
      return AbiError.NOT_FOUND.code();
    }
    if (Integer.toUnsignedLong(call.i32(3)) >= value.size()) {
      call.memory().write(call.i32(2), value.bytes(), 0, value.size());
    }
    return value.size();
  }

  private static long put(HostCall call) {
    var wrong = !isInMemory(call, 2) ? AbiError.FAULT : wrongKey(call);
    if (wrong != null) {
      return wrong.code();
    }
    if (call.i64(4) < 1) {
      return AbiError.INVALID.code();
    }
    if (Integer.toUnsignedLong(call.i32(3)) > VALUE_BYTES) {
      return AbiError.TOO_LARGE.code();
    }
    try {
      cache(call).put(bytes(call, 0), bytes(call, 2), call.i64(4));
      return 0;
    } catch (CallRefusedException refused) {
      return refused.error().code();
    }
  }

  private static long delete(HostCall call) {
    var wrong = wrongKey(call);
    if (wrong != null) {
      return wrong.code();
    }
    return cache(call).delete(bytes(call, 0)) ? 1 : 0;
  }

  private static @Nullable AbiError wrongKey(HostCall call) {
    if (!isInMemory(call, 0)) {
      return AbiError.FAULT;
    }
    long length = Integer.toUnsignedLong(call.i32(1));
    return length == 0 ? AbiError.INVALID : length > KEY_BYTES ? AbiError.TOO_LARGE : null;
  }

  /** Whether the range that begins with this argument lies in the guest's memory. */
  private static boolean isInMemory(HostCall call, int argument) {
    return call.memory().contains(call.i32(argument), call.i32(argument + 1));
  }

  private static Document bytes(HostCall call, int argument) {
    return Document.of(call.memory().read(call.i32(argument), call.i32(argument + 1)));
  }
}
