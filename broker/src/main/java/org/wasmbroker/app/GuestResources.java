package org.wasmbroker.app;

import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.egress.Egress;
import org.wasmbroker.egress.GuestServices;
import org.wasmbroker.egress.HostResolver;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.files.FileStore;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.Tracing;

/**
 * What the guests of a process reach, as its configuration says: destinations, secrets, a cache,
 * files. The same for every way in.
 */
public final class GuestResources implements AutoCloseable {
  private final Egress egress;
  private final GuestCaches caches;
  private final FileStore files;
  private final StepAccessFactory accesses;

  private GuestResources(BrokerConfig config, Tracing tracing, EventSink events) {
    var time = TimeSource.SYSTEM;
    var secrets = SecretStore.open(config.secrets(), ProcessText.environment(), time);
    this.caches = new GuestCaches(config.cache(), time, events);
    this.files = new FileStore(config.files(), time, events);
    this.egress = new Egress(config.egress(), HostResolver.SYSTEM, time, events, tracing);
    this.accesses = GuestServices.accessFactory(egress, secrets, caches, files, events);
  }

  /** Starts it, without traces and events. */
  public static GuestResources start(BrokerConfig config) {
    return start(config, Tracing.OFF, EventSink.NONE);
  }

  static GuestResources start(BrokerConfig config, Tracing tracing, EventSink events) {
    var resources = new GuestResources(config, tracing, events);
    resources.egress.start();
    return resources;
  }

  /** Opens every capability of the broker. */
  public StepAccessFactory accesses() {
    return accesses;
  }

  GuestCaches caches() {
    return caches;
  }

  FileStore files() {
    return files;
  }

  @Override
  public void close() {
    egress.close();
  }
}
