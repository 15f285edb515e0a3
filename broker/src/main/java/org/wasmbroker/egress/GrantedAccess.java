package org.wasmbroker.egress;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccess;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.StepError;

/** The access of a step that may send requests or use secrets. */
final class GrantedAccess implements StepAccess {
  private final Grants grants;
  private final StepHttp http;
  private final StepSecrets secrets;
  private final Access access;

  GrantedAccess(Grants grants, StepHttp http, StepSecrets secrets) {
    this.grants = grants;
    this.http = http;
    this.secrets = secrets;
    this.access =
        new Access(
            grants.functionNames(), List.of(GuestTime.of(grants.timeResolution()), http, secrets));
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
  public @Nullable StepError checkOutput(Document output) {
    return secrets.checkOutput(output);
  }

  @Override
  public StepError redact(StepError error) {
    return secrets.redact(error);
  }

  @Override
  public GrantUsage usage() {
    return new GrantUsage(
        grants.summary(), http.requests(), http.sentBytes(), http.receivedBytes());
  }

  @Override
  public void close() {
    secrets.close();
  }
}
