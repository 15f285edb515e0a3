package org.wasmbroker.mcp;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.plan.catalog.CatalogDocument;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.plan.catalog.MarkdownCatalog;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.node.ObjectNode;

/** What clients can read: what the handlers do, and the receipts of the calls that they made. */
final class Resources {
  private static final String HANDLERS = "wasm-broker://handlers";
  private static final String HANDLER = HANDLERS + "/";
  private static final String RECEIPT = "wasm-broker://receipts/";
  private static final String MARKDOWN = "text/markdown";
  private static final String JSON = "application/json";

  private static final String TEMPLATES =
      """
      {"resourceTemplates":[
        {"uriTemplate":"wasm-broker://handlers/{name}","name":"handler","title":"A handler",
         "description":"What a handler is for, its configuration, errors and examples.","mimeType":"text/markdown"},
        {"uriTemplate":"wasm-broker://receipts/{step}","name":"receipt","title":"Receipt of a call",
         "description":"What a call used: module, engine, times, memory, calls of the host. The id of the step is in the result of the call.",
         "mimeType":"application/json"}]}
      """;

  private final ToolCatalog catalog;
  private final Receipts receipts;
  private final Pages pages;

  Resources(ToolCatalog catalog, Receipts receipts, Pages pages) {
    this.catalog = catalog;
    this.receipts = receipts;
    this.pages = pages;
  }

  /** The URI of a receipt. */
  static String receipt(String step) {
    return RECEIPT + step;
  }

  ObjectNode list(String owner, ObjectNode params) {
    var all = new TreeMap<String, ObjectNode>();
    all.put(HANDLERS, resource(HANDLERS, "handlers", "All handlers", MARKDOWN));
    catalog
        .tools()
        .keySet()
        .forEach(
            name ->
                all.put(
                    HANDLER + name,
                    resource(HANDLER + name, name, "The handler " + name, MARKDOWN)));
    receipts
        .of(owner)
        .forEach(
            (step, handler) ->
                all.put(
                    RECEIPT + step,
                    resource(RECEIPT + step, "receipt", "Receipt of a call of " + handler, JSON)));
    var result = JsonRpc.NODES.objectNode();
    pages.put(result, "resources", all, params);
    return result;
  }

  private static ObjectNode resource(String uri, String name, String title, String type) {
    return JsonRpc.NODES
        .objectNode()
        .put("uri", uri)
        .put("name", name)
        .put("title", title)
        .put("mimeType", type);
  }

  static ObjectNode templates() {
    return (ObjectNode) JsonRpc.tree(TEMPLATES);
  }

  /**
   * Reads one.
   *
   * @throws RpcException if there is none with this URI for this owner
   */
  ObjectNode read(String owner, ObjectNode params, Era era) {
    var uri = params.path("uri");
    if (!uri.isString()) {
      throw new RpcException(RpcException.INVALID_PARAMS, "uri must be a string");
    }
    var text = text(owner, uri.stringValue());
    if (text == null) {
      throw new RpcException(
          era == Era.SESSION ? RpcException.RESOURCE_NOT_FOUND : RpcException.INVALID_PARAMS,
          "there is no resource " + SafeText.sanitize(uri.stringValue(), 200),
          JsonRpc.NODES.objectNode().put("uri", SafeText.sanitize(uri.stringValue(), 200)));
    }
    var result = JsonRpc.NODES.objectNode();
    result
        .putArray("contents")
        .addObject()
        .put("uri", uri.stringValue())
        .put("mimeType", uri.stringValue().startsWith(RECEIPT) ? JSON : MARKDOWN)
        .put("text", text);
    return result;
  }

  private @Nullable String text(String owner, String uri) {
    if (uri.startsWith(RECEIPT)) {
      return receipts.find(owner, uri.substring(RECEIPT.length())).orElse(null);
    }
    NavigableMap<String, ToolCatalog.Tool> tools = catalog.tools();
    if (uri.equals(HANDLERS)) {
      return markdown(tools.values().stream().map(ToolCatalog.Tool::entry).toList());
    }
    var tool = uri.startsWith(HANDLER) ? tools.get(uri.substring(HANDLER.length())) : null;
    return tool == null ? null : markdown(List.of(tool.entry()));
  }

  private static String markdown(List<HandlerEntry> entries) {
    return MarkdownCatalog.of(CatalogDocument.of(entries, null, List.of()));
  }
}
