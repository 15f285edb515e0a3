package org.wasmbroker.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Resolves names on threads of its own, since the operating system's lookup cannot be interrupted:
 * a request that times out returns, and its lookup ends when the name server responds.
 */
final class DnsResolver implements AutoCloseable {
  private static final int MAX_THREADS = 64;

  /** More pending lookups than this mean that the name server does not respond. */
  private static final int MAX_PENDING = 4096;

  private static final long IDLE_SECONDS = 10;

  private final HostResolver resolver;
  private final ThreadPoolExecutor threads;

  DnsResolver(HostResolver resolver) {
    this.resolver = resolver;
    var number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_PENDING),
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("egress-dns-" + number.incrementAndGet())
                    .unstarted(task));
    threads.allowCoreThreadTimeOut(true);
  }

  /** All addresses of a name, at least one. */
  List<InetAddress> resolve(String name, HttpCall call) throws HttpRequestException {
    var task = new FutureTask<>(() -> resolver.resolve(name));
    call.onAbort(() -> task.cancel(true));
    try {
      threads.execute(task);
      var addresses = List.copyOf(task.get(call.remaining().toNanos(), TimeUnit.NANOSECONDS));
      if (addresses.isEmpty()) {
        throw unknownHost();
      }
      return addresses;
    } catch (RejectedExecutionException full) {
      throw HttpRequestException.of(
          FailureType.CONNECT_FAILED, "dns", "too many DNS lookups are pending");
    } catch (TimeoutException | CancellationException over) {
      task.cancel(true);
      throw HttpRequestException.of(
          FailureType.TIMEOUT, "dns", "the DNS lookup of the host timed out");
    } catch (InterruptedException interrupted) {
      task.cancel(true);
      Thread.currentThread().interrupt();
      throw HttpRequestException.of(FailureType.TIMEOUT, "dns", "the request was interrupted");
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof UnknownHostException) {
        throw unknownHost();
      }
      throw HttpRequestException.of(
          FailureType.CONNECT_FAILED, "dns", "the DNS lookup of the host failed");
    }
  }

  private static HttpRequestException unknownHost() {
    return HttpRequestException.of(FailureType.CONNECT_FAILED, "dns", "the host has no address");
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
