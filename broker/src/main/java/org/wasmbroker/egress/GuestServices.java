package org.wasmbroker.egress;

import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.telemetry.EventSink;

/** What the broker's services provide for the capabilities that need one. */
public final class GuestServices {
  private GuestServices() {}

  /** Opens every capability of the broker. */
  public static StepAccessFactory accessFactory(
      Egress egress, SecretStore secrets, EventSink events) {
    return StepAccessFactory.BASIC
        .with(
            Capabilities.SECRETS,
            (grants, context) ->
                new StepSecrets(grants, secrets, context.module(), context.step(), events))
        .with(
            Capabilities.HTTP,
            (grants, context) ->
                egress.open(
                    new Caller(context.step(), context.module()),
                    grants,
                    context.limits(),
                    context.open(Capabilities.SECRETS, StepSecrets.class)));
  }
}
