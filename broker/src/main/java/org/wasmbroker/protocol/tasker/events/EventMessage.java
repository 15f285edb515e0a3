package org.wasmbroker.protocol.tasker.events;

import java.io.StringWriter;
import java.time.Instant;
import java.util.UUID;
import org.wasmbroker.protocol.tasker.template.EventDeclaration;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** A domain event on the wire, in the envelope of Tasker's own workers. */
final class EventMessage {
  /** What Tasker's workers report as the source of an event without a publisher of its own. */
  private static final String FIRED_BY = "DefaultDomainEventPublisher";

  private static final String VERSION = "1.0";
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private EventMessage() {}

  static String of(EventDeclaration event, EndedStep source, UUID id, Instant firedAt) {
    var text =
        new StringWriter(source.taskSequenceStep().size() + source.executionResult().size() + 1000);
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("event_id", id.toString());
      json.writeStringProperty("event_name", event.name());
      json.writeStringProperty("event_version", VERSION);
      json.writeObjectPropertyStart("payload");
      json.writeName("task_sequence_step");
      json.writeRawValue(source.taskSequenceStep().text());
      json.writeName("execution_result");
      json.writeRawValue(source.executionResult().text());
      json.writeName("payload");
      json.writeRawValue(source.payload().text());
      json.writeEndObject();
      json.writeObjectPropertyStart("metadata");
      json.writeStringProperty("task_uuid", source.task().toString());
      json.writeStringProperty("step_uuid", source.step().toString());
      json.writeStringProperty("step_name", source.stepName());
      json.writeStringProperty("namespace", source.namespace());
      json.writeStringProperty("correlation_id", source.correlation().toString());
      json.writeStringProperty("fired_at", firedAt.toString());
      json.writeStringProperty("fired_by", FIRED_BY);
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }
}
