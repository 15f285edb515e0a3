package org.wasmbroker.embedded;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The parts of the orchestrator's HTTP API that the demo and the tests use. Thread-safe.
 *
 * <p>A response with an error status is a {@link TaskerException}, except from {@link #send}.
 */
public final class TaskerClient implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(5);
  private static final String OPERATOR = "wasm-broker";
  private static final int OK = 200;
  private static final int CONFLICT = 409;
  private static final int SERVER_ERROR = 500;

  private final URI address;
  private final HttpClient http;

  public TaskerClient(URI address) {
    this.address = address;
    this.http = HttpClient.newBuilder().connectTimeout(REQUEST_TIMEOUT).build();
  }

  /**
   * A request to create a task from a registered template.
   *
   * @param context the task's input, a JSON object; Tasker rejects a second task of a template with
   *     an equal one
   */
  public record TaskRequest(String namespace, String name, String version, String context) {}

  /** The server's response. */
  public record Response(int status, String body) {
    /** The body; JSON null if it is not JSON. */
    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (JacksonException notJson) {
        return JSON.nullNode();
      }
    }
  }

  /** The base URL, such as {@code http://127.0.0.1:8080}. */
  public URI address() {
    return address;
  }

  boolean isReady() {
    try {
      return request("GET", "/health/ready", null).status() == OK;
    } catch (IOException notListening) {
      return false;
    }
  }

  /**
   * Creates a task.
   *
   * <p>The server may respond with 500 after a conflict between its own components, whether the
   * task was created or not. So every request has a unique source by which its task can be found.
   *
   * @return the task's id
   */
  public UUID submit(TaskRequest request) {
    var source = OPERATOR + "/" + UUID.randomUUID();
    var body =
        JSON.createObjectNode()
            .put("namespace", request.namespace())
            .put("name", request.name())
            .put("version", request.version())
            .put("initiator", OPERATOR)
            .put("source_system", source)
            .put("reason", OPERATOR)
            .set("context", JSON.readTree(request.context()))
            .toString();
    var response = send("POST", "/v1/tasks", body);
    if (response.status() == SERVER_ERROR) {
      var found = findBySource(source);
      if (found != null) {
        return found;
      }
      response = send("POST", "/v1/tasks", body);
    }
    if (response.status() == SERVER_ERROR || response.status() == CONFLICT) {
      var found = findBySource(source);
      if (found != null) {
        return found;
      }
    }
    return uuid(requireSuccess("POST", "/v1/tasks", response));
  }

  private @Nullable UUID findBySource(String source) {
    var tasks = get("/v1/tasks?source_system=" + source).path("tasks");
    return tasks.isEmpty() ? null : uuid(tasks.get(0));
  }

  private static UUID uuid(JsonNode task) {
    return UUID.fromString(task.path("task_uuid").asString());
  }

  /** A task: {@code status} is its state, {@code complete} once it has succeeded. */
  public JsonNode task(UUID task) {
    return get("/v1/tasks/" + task);
  }

  /**
   * The steps of a task as an array, each with {@code name}, {@code current_state}, {@code
   * results}.
   */
  public JsonNode steps(UUID task) {
    return get("/v1/tasks/" + task + "/workflow_steps");
  }

  /** Cancels a task and its steps that have not ended. */
  public void cancel(UUID task) {
    var path = "/v1/tasks/" + task;
    requireSuccess("DELETE", path, send("DELETE", path, null));
  }

  /** Ends a step without a result, whatever its state; the steps that depend on it proceed. */
  public void resolveManually(UUID task, UUID step, String reason) {
    var action =
        JSON.createObjectNode()
            .put("action_type", "resolve_manually")
            .put("reason", reason)
            .put("resolved_by", OPERATOR);
    patch(task, step, action);
  }

  /** Ends a step with this result, a JSON value, whatever its state. */
  public void completeManually(UUID task, UUID step, String result, String reason) {
    var action =
        JSON.createObjectNode()
            .put("action_type", "complete_manually")
            .put("reason", reason)
            .put("completed_by", OPERATOR)
            .set("completion_data", JSON.createObjectNode().set("result", JSON.readTree(result)));
    patch(task, step, action);
  }

  private void patch(UUID task, UUID step, JsonNode action) {
    var path = "/v1/tasks/%s/workflow_steps/%s".formatted(task, step);
    requireSuccess("PATCH", path, send("PATCH", path, action.toString()));
  }

  private JsonNode get(String path) {
    return requireSuccess("GET", path, send("GET", path, null));
  }

  private static JsonNode requireSuccess(String method, String path, Response response) {
    if (response.status() / 100 != 2) {
      throw new TaskerException(
          "Tasker responded to %s %s with %d: %s"
              .formatted(method, path, response.status(), response.body()),
          null);
    }
    return response.json();
  }

  /** Sends any request; an error status is returned like any other. */
  public Response send(String method, String path, @Nullable String body) {
    try {
      return request(method, path, body);
    } catch (IOException e) {
      throw new TaskerException(
          "Tasker's orchestrator at %s did not respond to %s %s".formatted(address, method, path),
          e);
    }
  }

  private Response request(String method, String path, @Nullable String body) throws IOException {
    var request =
        HttpRequest.newBuilder(address.resolve(path))
            .timeout(REQUEST_TIMEOUT)
            .header("content-type", "application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    try {
      var response = http.send(request, BodyHandlers.ofString());
      return new Response(response.statusCode(), response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
