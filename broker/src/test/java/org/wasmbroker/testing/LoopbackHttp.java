package org.wasmbroker.testing;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.DestinationGrant;
import org.wasmbroker.capability.HttpGrants;
import org.wasmbroker.capability.Mode;
import org.wasmbroker.egress.Caller;
import org.wasmbroker.egress.Egress;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.egress.HostResolver;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.GuestHttpResponse;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.url.Destination;
import org.wasmbroker.url.Network;

/** The broker's egress, granted for test servers on this machine, with the given secrets. */
public final class LoopbackHttp implements GuestHttp, AutoCloseable {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final Egress egress =
      new Egress(EgressConfig.DEFAULTS, HostResolver.SYSTEM, TimeSource.SYSTEM, EventSink.NONE);
  private final GuestHttp http;

  public LoopbackHttp(Map<String, String> secrets) {
    egress.start();
    var caller =
        new Caller(
            Outcomes.step(
                new StepId(new UUID(0, 1)), "http_request", new TraceContext(TRACE, null)),
            Outcomes.module("http_request"));
    var grant =
        new DestinationGrant(
            Destination.parse("* http://127.0.0.1:*"),
            Mode.ENFORCE,
            List.of(Network.parse("127.0.0.0/8")),
            0,
            null,
            "test");
    http =
        egress.open(
            caller,
            HttpGrants.of(grant),
            Limits.DEFAULTS,
            TestSecrets.of(secrets, Destination.parse("* *://*:*")));
  }

  @Override
  public GuestHttpResponse send(byte[] document, @Nullable Document body, RunDeadline clock)
      throws CallRefusedException {
    return http.send(document, body, clock);
  }

  @Override
  public void close() {
    egress.close();
  }
}
