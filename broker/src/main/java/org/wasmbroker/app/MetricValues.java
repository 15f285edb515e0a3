package org.wasmbroker.app;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.egress.Refusals;
import org.wasmbroker.protocol.standalone.StandaloneProtocol;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.secret.SecretUses;
import org.wasmbroker.telemetry.micrometer.KnownValues;
import org.wasmbroker.telemetry.micrometer.KnownValues.HttpRefusal;
import org.wasmbroker.telemetry.micrometer.KnownValues.SecretUse;

/** What can be known of the values of metrics' tags before anything happens, from the code. */
final class MetricValues {
  /** Exceeding these is an error of a call, or refuses a module; no run ends with it. */
  private static final EnumSet<LimitKind> NEVER_REPORTED =
      EnumSet.of(
          LimitKind.LOG_LINE,
          LimitKind.HTTP_TIMEOUT,
          LimitKind.HTTP_RESPONSES,
          LimitKind.CACHE_KEY,
          LimitKind.CACHE_VALUE,
          LimitKind.MODULE_SIZE,
          LimitKind.MEMORIES,
          LimitKind.TABLES,
          LimitKind.INSTANCES,
          LimitKind.INPUT_DEPTH,
          LimitKind.OUTPUT_DEPTH);

  private MetricValues() {}

  static KnownValues of(BrokerConfig config) {
    return new KnownValues(
        config.protocol() == ProtocolName.TASKER,
        deadLetters(config),
        EnumSet.complementOf(NEVER_REPORTED).stream().map(LimitKind::text).toList(),
        Arrays.stream(TrapKind.values()).map(TrapKind::text).toList(),
        Capabilities.STANDARD.functions().all().stream().map(HostFunction::name).toList(),
        Refusals.all().stream()
            .map(refusal -> new HttpRefusal(refusal.error(), refusal.reason()))
            .toList(),
        SecretUses.all().stream().map(use -> new SecretUse(use.use(), use.answer())).toList());
  }

  /** With Tasker only what names no step is put away; the orchestrator has the others. */
  private static Map<String, List<String>> deadLetters(BrokerConfig config) {
    var reasons =
        switch (config.protocol()) {
          case STANDALONE -> StandaloneProtocol.DEAD_LETTER_REASONS;
          case TASKER -> List.of("invalid");
        };
    var byQueue = new HashMap<String, List<String>>();
    Protocols.queues(config).forEach(queue -> byQueue.put(queue.value(), reasons));
    return byQueue;
  }
}
