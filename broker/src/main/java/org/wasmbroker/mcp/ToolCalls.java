package org.wasmbroker.mcp;

import java.time.Duration;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls of tools. The arguments are the configuration of a step; {@code context} among them is the
 * step's data, unless the configuration has a member of this name itself.
 *
 * <p>The request's thread waits for the guest's, and alone writes to the client: a client that
 * reads slowly does not hold up a guest.
 */
final class ToolCalls {
  private static final Logger log = LoggerFactory.getLogger(ToolCalls.class);

  private static final Duration PROGRESS = Duration.ofSeconds(1);

  /** Log messages that a call has ready for its client; more are dropped. */
  private static final int MAX_WAITING = 1000;

  private static final String DATA = "context";

  private final ToolCatalog catalog;
  private final StepCalls steps;
  private final Receipts receipts;
  private final Pages pages;
  private final int searchAbove;
  private final int max;
  private final Semaphore free;

  ToolCalls(ToolCatalog catalog, StepCalls steps, Receipts receipts, McpConfig config) {
    this.catalog = catalog;
    this.steps = steps;
    this.receipts = receipts;
    this.pages = new Pages(config.pageSize());
    this.searchAbove = config.searchAbove();
    this.max = config.calls();
    this.free = new Semaphore(max);
  }

  ObjectNode list(ObjectNode params) {
    var all = new TreeMap<String, ObjectNode>();
    var tools = catalog.tools();
    tools.forEach((name, tool) -> all.put(name, tool.definition()));
    if (hasSearch(tools)) {
      all.put(ToolSearch.NAME, ToolSearch.definition());
    }
    var result = JsonRpc.NODES.objectNode();
    pages.put(result, "tools", all, params);
    return result;
  }

  private boolean hasSearch(NavigableMap<String, ToolCatalog.Tool> tools) {
    return tools.size() > searchAbove && !tools.containsKey(ToolSearch.NAME);
  }

  /**
   * Calls a tool and waits for its end.
   *
   * @return the result; null if the client cancelled it
   * @throws RpcException if there is no such tool, or too many calls run or wait
   */
  @Nullable ObjectNode call(Exchange exchange) {
    var params = exchange.params();
    var name = params.path("name");
    if (!name.isString()) {
      throw new RpcException(RpcException.INVALID_PARAMS, "name must be a string");
    }
    var given = params.has("arguments") ? params.get("arguments") : JsonRpc.NODES.objectNode();
    if (!(given instanceof ObjectNode arguments)) {
      throw new RpcException(RpcException.INVALID_PARAMS, "arguments must be an object");
    }
    var tools = catalog.tools();
    if (name.stringValue().equals(ToolSearch.NAME) && hasSearch(tools)) {
      return ToolSearch.search(tools, arguments);
    }
    var tool = tools.get(name.stringValue());
    if (tool == null) {
      throw new RpcException(
          RpcException.INVALID_PARAMS,
          "Unknown tool: " + SafeText.sanitize(name.stringValue(), 200));
    }
    if (!free.tryAcquire()) {
      throw new RpcException(
          RpcException.BUSY,
          "%d calls run or wait, which is the limit; try again later".formatted(max),
          JsonRpc.NODES.objectNode().put("retryable", true));
    }
    try {
      return run(exchange, tool, arguments);
    } finally {
      free.release();
    }
  }

  private @Nullable ObjectNode run(Exchange exchange, ToolCatalog.Tool tool, ObjectNode arguments) {
    var events = new LinkedBlockingQueue<Event>();
    var handler = new HandlerRef(tool.entry().name(), null);
    var level = exchange.logLevel();
    var future =
        steps.start(
            handler,
            document(tool, arguments),
            exchange.trace(),
            exchange.cancellation(),
            new Lines(handler.name(), level, events));
    var _ = future.whenComplete((_, _) -> events.add(new Event.Ended()));
    try {
      follow(exchange, events);
    } catch (ClientGoneException gone) {
      if (exchange.era() == Era.STATELESS) {
        exchange.cancellation().request(Exchange.BY_CLIENT);
      }
    } catch (InterruptedException stopping) {
      exchange.cancellation().request("the server stops");
    }
    return result(exchange, future);
  }

  private static Document document(ToolCatalog.Tool tool, ObjectNode arguments) {
    var document = JsonRpc.NODES.objectNode();
    var configuration = arguments.deepCopy();
    document.set("config", configuration);
    if (configuration.has(DATA) && !tool.hasOwn(DATA)) {
      document.set(DATA, configuration.remove(DATA));
    }
    return Document.of(JsonRpc.bytes(document));
  }

  /** What happens while a guest runs. */
  private sealed interface Event {
    record Told(ObjectNode message) implements Event {}

    record Instantiated() implements Event {}

    record Ended() implements Event {}
  }

  /** Passes on what the guest tells, until it has ended. */
  private static void follow(Exchange exchange, BlockingQueue<Event> events)
      throws InterruptedException {
    long began = System.nanoTime();
    long reported = 0;
    boolean runs = false;
    exchange.progress("started");
    while (true) {
      var event = events.poll(Exchange.PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      if (event instanceof Event.Ended) {
        return;
      }
      if (event instanceof Event.Told(var message)) {
        exchange.send(message);
      } else if (event instanceof Event.Instantiated) {
        runs = true;
        exchange.progress("the handler runs");
      } else {
        exchange.idle();
        long seconds = (System.nanoTime() - began) / PROGRESS.toNanos();
        if (seconds > reported) {
          reported = seconds;
          exchange.progress(
              "%s, %d s after the call"
                  .formatted(runs ? "the handler runs" : "it waits to be admitted", seconds));
        }
      }
    }
  }

  private @Nullable ObjectNode result(
      Exchange exchange, CompletableFuture<@Nullable Outcome> future) {
    Outcome outcome;
    try {
      outcome = future.join();
    } catch (CompletionException failure) {
      log.error("a call of a tool could not be run", failure.getCause());
      throw new RpcException(
          RpcException.INTERNAL_ERROR, "internal error of the broker; its log has the cause");
    }
    if (outcome == null) {
      if (exchange.isCancelledByClient()) {
        return null;
      }
      throw new RpcException(RpcException.INTERNAL_ERROR, "the server stops");
    }
    receipts.keep(exchange.peer().owner(), outcome);
    var result = ToolResults.of(outcome, exchange.era());
    result
        .putObject("_meta")
        .put("wasm-broker/step", outcome.step().id().toString())
        .put("wasm-broker/receipt", Resources.receipt(outcome.step().id().toString()));
    return result;
  }

  /** The lines of one guest, as log messages. Called on the guest's thread. */
  private record Lines(String handler, @Nullable LogLevel from, BlockingQueue<Event> events)
      implements GuestLog {
    @Override
    public void line(Level level, String message, @Nullable String fields) {
      var severity = LogLevel.of(level);
      if (from == null || severity.compareTo(from) < 0 || events.size() >= MAX_WAITING) {
        return;
      }
      var params = JsonRpc.NODES.objectNode().put("level", severity.text());
      params.put("logger", handler);
      var data = params.putObject("data").put("message", message);
      if (fields != null) {
        data.set("fields", fields(fields));
      }
      events.add(new Event.Told(JsonRpc.notification("notifications/message", params)));
    }

    private static JsonNode fields(String json) {
      try {
        return JsonRpc.tree(json);
      } catch (JacksonException tooDeep) {
        return JsonRpc.NODES.stringNode(json);
      }
    }

    @Override
    public void instantiated() {
      events.add(new Event.Instantiated());
    }
  }
}
