package org.wasmbroker.capability;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyGrants;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.StepAccess;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.Outcomes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A capability that is defined in one class and added to a table is requested, granted, explained,
 * linked, used and counted like any other.
 */
class AddedCapabilityTest {
  private static final TicketCapability TICKETS = new TicketCapability();
  private static final Capabilities TABLE = with(TICKETS);

  private static final String GUEST =
      """
      (module
        (import "wasm_broker_v1" "draw_ticket" (func $draw (result i32)))
        (import "wasm_broker_v1" "write_output" (func $write (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "{}")
        (func (export "run")
          (drop (call $draw)) (drop (call $draw)) (drop (call $draw))
          (drop (call $write (i32.const 0) (i32.const 2)))))
      """;

  /** Numbered tickets: a policy says how many a step may draw. */
  private static final class TicketCapability implements Capability<Boolean, Integer, Integer> {
    private static final List<HostFunction> FUNCTIONS =
        List.of(
            new HostFunction(
                HostFunctionTable.ABI_MODULE,
                "draw_ticket",
                List.of(),
                ValueType.I32,
                TicketCapability::draw));

    @Override
    public String name() {
      return "tickets";
    }

    @Override
    public List<HostFunction> functions() {
      return FUNCTIONS;
    }

    private static long draw(HostCall call) {
      var tickets = call.run().invocation().access().find(GuestTickets.class);
      return tickets == null ? AbiError.DENIED.code() : tickets.draw();
    }

    @Override
    public boolean isBasic() {
      return false;
    }

    @Override
    public Boolean readRequest(ObjectReader capabilities) {
      var requested = capabilities.json("tickets", JsonNode::isBoolean, "true or false");
      return requested != null && requested.booleanValue();
    }

    @Override
    public Boolean defaultRequest() {
      return false;
    }

    @Override
    public RuleReader<Integer> readPolicy(ObjectReader root) {
      return rule -> {
        var tickets = rule.value("tickets", Integer::valueOf);
        return tickets == null ? 0 : tickets;
      };
    }

    @Override
    public Integer merge(List<Integer> rules) {
      return rules.stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public Integer intersect(Boolean requested, Integer permitted) {
      return requested ? permitted : 0;
    }

    @Override
    public boolean isGranted(Integer permitted) {
      return permitted > 0;
    }

    @Override
    public String grantedBy() {
      return "a number in tickets";
    }

    @Override
    public String notGranted() {
      return "no applicable rule has tickets";
    }

    @Override
    public void explain(Boolean requested, Integer permitted, Consumer<String> differences) {
      if (!requested && permitted > 0) {
        differences.accept(permitted + " tickets are granted and not requested");
      }
    }

    @Override
    public Map<String, ?> describeGrant(Integer granted) {
      return Map.of("tickets", granted);
    }

    @Override
    public void summarize(Integer granted, ObjectNode receipt) {
      if (granted > 0) {
        receipt.put("tickets", granted);
      }
    }

    @Override
    public Opener<Integer> opener() {
      return (granted, context) -> new GuestTickets(granted);
    }
  }

  private static final class GuestTickets implements GuestCapability {
    private final int granted;
    private int drawn;

    GuestTickets(int granted) {
      this.granted = granted;
    }

    long draw() {
      if (drawn == granted) {
        return AbiError.BUDGET.code();
      }
      drawn++;
      return drawn;
    }

    @Override
    public @Nullable CapabilityUsage usage() {
      return drawn == 0
          ? null
          : new CapabilityUsage("tickets", new LinkedHashMap<>(Map.of("drawn", (long) drawn)));
    }
  }

  @Test
  void aManifestRequestsItAndAPolicyGrantsIt() {
    var policy = policy("handlers: [{handler: h, tickets: 1}, {handler: h, tickets: 1}]");

    var grants = policy.intersect(requested(true));

    assertThat(grants.functions()).contains("draw_ticket");
    assertThat(grants.of(TICKETS)).isEqualTo(2);
    assertThat(grants.summary().text()).contains("\"draw_ticket\"", "\"tickets\":2");
    assertThat(policy.intersect(requested(false)).of(TICKETS)).isZero();
  }

  @Test
  void itsKeysAreUnknownWithoutIt() {
    assertThat(Policy.read("handlers: [{handler: h, tickets: 1}]".getBytes(UTF_8), Limits.DEFAULTS))
        .asString()
        .contains("tickets: is unknown");
  }

  @Test
  void itIsExplained() {
    assertThat(Explanation.of(requested(true), policy("")).differences())
        .contains("draw_ticket is requested but not granted: no applicable rule has tickets");
    assertThat(
            Explanation.of(requested(false), policy("handlers: [{handler: h, tickets: 3}]"))
                .differences())
        .contains("3 tickets are granted and not requested");
  }

  @Test
  void itIsLinkedAndCountedOnEveryEngine() {
    var config = EngineConfig.of(1);
    assertDrawn(WasmtimeEngine.start(config, TABLE.functions()));
    assertDrawn(WasmtimeJavaEngine.start(config, TABLE.functions()));
  }

  @Test
  void aGuestWithoutTheGrantIsDenied() {
    try (var engine = WasmtimeEngine.start(EngineConfig.of(1), TABLE.functions());
        var module = engine.compile(Wat.toWasm(GUEST), Limits.DEFAULTS);
        var access =
            new StepAccessFactory(TABLE)
                .open(
                    Outcomes.step("h"),
                    Outcomes.module("h"),
                    policy("").intersect(requested(true)))) {
      var result = run(module, access);

      assertThat(result.receipt().hostCalls()).contains(new HostCallCount("draw_ticket", 0, 3, 0));
      assertThat(access.usage().used()).isEmpty();
    }
  }

  private static void assertDrawn(Engine started) {
    Grants grants = policy("handlers: [{handler: h, tickets: 2}]").intersect(requested(true));
    try (var engine = started;
        var module = engine.compile(Wat.toWasm(GUEST), Limits.DEFAULTS);
        var access =
            new StepAccessFactory(TABLE).open(Outcomes.step("h"), Outcomes.module("h"), grants)) {
      var result = run(module, access);

      assertThat(result).isInstanceOf(Completed.class);
      assertThat(result.receipt().hostCalls()).contains(new HostCallCount("draw_ticket", 2, 0, 1));
      assertThat(access.usage().used())
          .containsExactly(
              new CapabilityUsage("tickets", new LinkedHashMap<>(Map.of("drawn", 2L))));
    }
  }

  private static InvocationResult run(CompiledModule module, StepAccess access) {
    return module.run(
        new Invocation(
            "handler",
            Document.EMPTY,
            Limits.DEFAULTS,
            new Cancellation(),
            GuestLog.NONE,
            access.access()));
  }

  private static Capabilities with(Capability<?, ?, ?> added) {
    var all = new ArrayList<>(Capabilities.STANDARD.all());
    all.add(added);
    return new Capabilities(all);
  }

  private static RequestedCapabilities requested(boolean tickets) {
    var manifest =
        """
        {"host_functions": ["write_output", "draw_ticket"], "tickets": %s}
        """
            .formatted(tickets);
    var document = new DocumentReader(Syntax.JSON, 1 << 10, 10).read("", manifest.getBytes(UTF_8));
    var requested = RequestedCapabilities.read(TABLE, document.object(), null);
    assertThat(document.problems()).isEmpty();
    return requested;
  }

  private static PolicyGrants policy(String text) {
    return switch (Policy.read(TABLE, text.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy.granted("h", new Version(1, 0, 0));
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
