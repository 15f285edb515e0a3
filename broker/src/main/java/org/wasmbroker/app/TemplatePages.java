package org.wasmbroker.app;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.TemplateStore;
import org.wasmbroker.protocol.tasker.TemplateStore.StoredTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The task templates that this worker's namespaces have, as they stand in the database, and whether
 * it can run them.
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

  Answer list() {
    var answer = new LinkedHashMap<String, @Nullable Object>();
    answer.put("supported_namespaces", namespaces.stream().map(Namespace::value).toList());
    answer.put("template_count", templates.count(namespaces));
    answer.put("cache_stats", null);
    answer.put("worker_capabilities", CAPABILITIES);
    return Answer.json(200, answer);
  }

  /**
   * @param path namespace, name and version
   */
  Answer one(List<String> path) {
    var stored = find(path);
    return stored == null ? unknown(path) : found(stored);
  }

  private Answer found(StoredTemplate stored) {
    var json = JSON.readTree(stored.json().bytes());
    var resolved = new LinkedHashMap<String, Object>();
    resolved.put("template", json);
    resolved.put("environment", environment);
    resolved.put("resolved_at", Instant.now().toString());
    var answer = new LinkedHashMap<String, @Nullable Object>();
    answer.put("template", resolved);
    answer.put("handler_metadata", metadata(stored, json));
    answer.put("cached", false);
    answer.put("cache_age_seconds", null);
    answer.put("access_count", null);
    return Answer.json(200, answer);
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
  Answer validate(List<String> path) {
    var stored = find(path);
    if (stored == null) {
      return unknown(path);
    }
    var found = check.of(stored);
    var answer = new LinkedHashMap<String, Object>();
    answer.put("valid", found.problems().isEmpty());
    answer.put("errors", found.problems());
    answer.put("required_capabilities", List.of());
    answer.put("step_handlers", found.callables());
    return Answer.json(200, answer);
  }

  private @Nullable StoredTemplate find(List<String> path) {
    return path.size() == 3
        ? templates.find(path.get(0), path.get(1), path.get(2)).orElse(null)
        : null;
  }

  private static Answer unknown(List<String> path) {
    return Answer.error(404, "not_found", "Template not found: " + String.join("/", path));
  }
}
