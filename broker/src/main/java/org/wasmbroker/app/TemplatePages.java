package org.wasmbroker.app;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.registration.TemplateStore;
import org.wasmbroker.protocol.tasker.registration.TemplateStore.StoredTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The task templates of this worker's namespaces, as stored in the database, and whether it can run
 * them.
 */
final class TemplatePages {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final List<String> CAPABILITIES =
      List.of("command_processing", "database_access", "message_queues", "wasm_sandbox");

  private final TemplateStore templates;
  private final List<Namespace> namespaces;
  private final TemplateCheck check;
  private final String environment;

  TemplatePages(
      TemplateStore templates,
      List<Namespace> namespaces,
      TemplateCheck check,
      String environment) {
    this.templates = templates;
    this.namespaces = namespaces;
    this.check = check;
    this.environment = environment;
  }

  Response list() {
    var body = new LinkedHashMap<String, @Nullable Object>();
    body.put("supported_namespaces", namespaces.stream().map(Namespace::value).toList());
    body.put("template_count", templates.count(namespaces));
    body.put("cache_stats", null);
    body.put("worker_capabilities", CAPABILITIES);
    return Response.json(200, body);
  }

  /**
   * @param path namespace, name and version
   */
  Response get(List<String> path) {
    var stored = find(path);
    return stored == null ? notFound(path) : describe(stored);
  }

  private Response describe(StoredTemplate stored) {
    var json = JSON.readTree(stored.json().bytes());
    var resolved = new LinkedHashMap<String, Object>();
    resolved.put("template", json);
    resolved.put("environment", environment);
    resolved.put("resolved_at", Instant.now().toString());
    var body = new LinkedHashMap<String, @Nullable Object>();
    body.put("template", resolved);
    body.put("handler_metadata", metadata(stored, json));
    body.put("cached", false);
    body.put("cache_age_seconds", null);
    body.put("access_count", null);
    return Response.json(200, body);
  }

  private static Map<String, @Nullable Object> metadata(StoredTemplate stored, JsonNode json) {
    var metadata = new LinkedHashMap<String, @Nullable Object>();
    metadata.put("namespace", stored.namespace());
    metadata.put("name", stored.name());
    metadata.put("version", stored.version());
    metadata.put("handler_class", "");
    metadata.put("config_schema", json);
    metadata.put("default_dependent_system", null);
    metadata.put("registered_at", stored.registeredAt().toString());
    return metadata;
  }

  /**
   * @param path namespace, name and version
   */
  Response validate(List<String> path) {
    var stored = find(path);
    if (stored == null) {
      return notFound(path);
    }
    var result = check.check(stored);
    var body = new LinkedHashMap<String, Object>();
    body.put("valid", result.problems().isEmpty());
    body.put("errors", result.problems());
    body.put("required_capabilities", List.of());
    body.put("step_handlers", result.callables());
    return Response.json(200, body);
  }

  private @Nullable StoredTemplate find(List<String> path) {
    return path.size() == 3
        ? templates.find(path.get(0), path.get(1), path.get(2)).orElse(null)
        : null;
  }

  private static Response notFound(List<String> path) {
    return Response.error(404, "not_found", "Template not found: " + String.join("/", path));
  }
}
