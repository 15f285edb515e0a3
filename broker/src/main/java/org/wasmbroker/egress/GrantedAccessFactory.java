package org.wasmbroker.egress;

import static org.wasmbroker.sandbox.AbiFunction.HTTP_REQUEST;
import static org.wasmbroker.sandbox.AbiFunction.READ_SECRET;

import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccess;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.EventSink;

/**
 * Opens for each step what its handler was granted. A handler without destinations and secrets,
 * which is most of them, costs nothing here.
 */
public final class GrantedAccessFactory implements StepAccessFactory {
  private final Egress egress;
  private final SecretStore secrets;
  private final EventSink events;

  public GrantedAccessFactory(Egress egress, SecretStore secrets, EventSink events) {
    this.egress = egress;
    this.secrets = secrets;
    this.events = events;
  }

  @Override
  public StepAccess open(Step step, ModuleId module, Grants grants) {
    if (!isAnythingGranted(grants)) {
      return BASIC.open(step, module, grants);
    }
    var scope = new StepSecrets(grants.secrets(), secrets, module, step, events);
    var http = egress.open(new Caller(step, module), grants.http(), grants.limits(), scope);
    return new GrantedAccess(grants, http, scope);
  }

  /** A refusal is an answer too: who may call a function gets its words and its audit. */
  private static boolean isAnythingGranted(Grants grants) {
    return grants.functions().contains(HTTP_REQUEST) || grants.functions().contains(READ_SECRET);
  }
}
