package org.wasmbroker.ui;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the playground's page knows of the handlers, as JSON. */
final class CatalogFile {
  private static final JsonMapper JSON = JsonMapper.shared();

  private CatalogFile() {}

  /**
   * @param broker the address of the running broker that the page shows; null for none
   */
  static Document of(Status status, List<Offer> offers, @Nullable String broker) {
    var document = JSON.createObjectNode();
    document.put("version", status.version()).put("policy", status.policy()).put("broker", broker);
    var problems = document.putArray("problems");
    status.problems().forEach(problems::add);
    var handlers = document.putArray("handlers");
    offers.forEach(offer -> write(offer, handlers.addObject()));
    return Document.of(JSON.writeValueAsBytes(document));
  }

  private static void write(Offer offer, ObjectNode handler) {
    var entry = offer.handler();
    handler
        .put("name", entry.name())
        .put("version", entry.manifest().version().toString())
        .put("origin", entry.origin())
        .put("state", entry.state())
        .put("reason", entry.reason());
    if (entry.isTrusted()) {
      handler.put("module", Playground.modulePath(offer.digest()).substring(1));
    }
    var limits = handler.putObject("limits");
    for (var kind : LimitKind.of(LimitKind.Scope.RUN)) {
      limits.put(kind.text(), entry.grants().limits().of(kind));
    }
    handler.set("manifest", JSON.readTree(offer.manifest().bytes()));
  }
}
