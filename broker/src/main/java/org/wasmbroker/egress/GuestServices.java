package org.wasmbroker.egress;

import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.files.FileStore;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.StepSecrets;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;

/** What the broker's services provide for the capabilities that need one. */
public final class GuestServices {
  private GuestServices() {}

  /** Opens every capability of the broker, with the default size of files. */
  public static StepAccessFactory accessFactory(
      Egress egress, SecretStore secrets, GuestCaches caches, EventSink events) {
    var files = new FileStore(FilesConfig.DEFAULTS, TimeSource.SYSTEM, events);
    return accessFactory(egress, secrets, caches, files, events);
  }

  /** Opens every capability of the broker. */
  public static StepAccessFactory accessFactory(
      Egress egress, SecretStore secrets, GuestCaches caches, FileStore files, EventSink events) {
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
                    context.open(Capabilities.SECRETS, StepSecrets.class)))
        .with(
            Capabilities.CACHE,
            (granted, context) ->
                caches.open(
                    granted,
                    context.step(),
                    context.module(),
                    context.open(Capabilities.SECRETS, StepSecrets.class)))
        .with(
            Capabilities.FILES,
            (granted, context) -> files.open(granted, context.step(), context.module()));
  }
}
