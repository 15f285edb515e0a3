package org.wasmbroker.protocol.tasker.events;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.Bisection;
import org.wasmbroker.protocol.tasker.template.EventDeclaration;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TaskerEvent;

/**
 * Publishes the domain events of steps that ended: those that their definitions declare are sent to
 * the queue of their namespace. It happens after the step was reported and never fails it; an event
 * that cannot be sent is logged and counted. Thread-safe.
 */
public final class DomainEventPublisher {
  private static final Logger log = LoggerFactory.getLogger(DomainEventPublisher.class);

  /** The maximum sent in one statement. */
  private static final int MAX_BATCH_CHARACTERS = 8 << 20;

  /**
   * Parameters: namespaces, messages. Returns how many were sent.
   *
   * <p>Tasker's function includes a message of fewer than 7,000 characters in its notifications.
   * Those are limited to 8,000 bytes, so a message of multi-byte characters would be refused: such
   * a message is sent separately, and announced the way the function announces long ones.
   */
  private static final String SEND =
      """
      with event as materialized (
        select namespace || '_domain_events' as queue, message::jsonb as message
        from unnest(?::text[], ?::text[]) as given(namespace, message)),
      measured as materialized (
        select queue, message,
          length(message::text) < 7000 and octet_length(message::text) > 7400 as wide
        from event),
      plain as materialized (
        select pgmq_send_with_notify(queue, message, 0) as id
        from measured
        where not wide),
      quiet as materialized (
        select queue, sent.id
        from measured
        cross join lateral pgmq.send(queue, message) as sent(id)
        where wide),
      notified as materialized (
        select quiet.id,
          pg_notify(
            channel.name,
            json_build_object(
              'event_type', 'message_ready', 'msg_id', quiet.id, 'queue_name', quiet.queue,
              'namespace', extract_queue_namespace(quiet.queue), 'ready_at', now(),
              'delay_seconds', 0, 'payload_omitted', true)::text)
        from quiet
        cross join lateral (
          values ('pgmq_message_ready.' || extract_queue_namespace(quiet.queue)),
            ('pgmq_message_ready')) as channel(name))
      select (select count(id) from plain) + (select count(distinct id) from notified)
      """;

  private static final String DATABASE = "database";
  private static final String SCHEMA = "schema";

  private final Database queues;
  private final EventSink events;

  private record PendingEvent(String namespace, String name, String stepUuid, String message) {}

  /**
   * @param queues the database with the queues, with the session of {@link TaskerSession}
   */
  public DomainEventPublisher(Database queues, EventSink events) {
    this.queues = queues;
    this.events = events;
  }

  /** Publishes the events of these steps in one round trip. Never throws. */
  public void publish(List<EndedStep> ended) {
    var batch = new ArrayList<PendingEvent>();
    int characters = 0;
    for (var source : ended) {
      for (var event : pendingEvents(source)) {
        if (characters + event.message().length() > MAX_BATCH_CHARACTERS) {
          send(batch);
          batch.clear();
          characters = 0;
        }
        batch.add(event);
        characters += event.message().length();
      }
    }
    send(batch);
  }

  private List<PendingEvent> pendingEvents(EndedStep source) {
    var due =
        source.definition().publishesEvents().stream()
            .filter(event -> event.deliveryMode().isQueued())
            .filter(event -> event.condition().matches(source.success(), source.retryable()))
            .toList();
    if (due.isEmpty()) {
      return List.of();
    }
    var pending = new ArrayList<PendingEvent>();
    for (var event : due) {
      var problems = event.schema().validate(source.payload());
      if (problems.isEmpty()) {
        pending.add(pendingEvent(event, source));
      } else {
        reportViolation(event.name(), source.step().toString(), String.join("; ", problems));
      }
    }
    return pending;
  }

  private static PendingEvent pendingEvent(EventDeclaration event, EndedStep source) {
    var now = Instant.now();
    return new PendingEvent(
        source.namespace(),
        event.name(),
        source.step().toString(),
        EventMessage.of(event, source, UuidV7.at(now), now));
  }

  /** Sends as many as can be sent; one that the database refuses does not affect the others. */
  private void send(List<PendingEvent> batch) {
    if (batch.isEmpty()) {
      return;
    }
    Bisection.write(
        batch,
        this::trySending,
        failure -> !failure.isTransient(),
        (unsent, failure) -> {
          log.atWarn()
              .addKeyValue("events", unsent.size())
              .addKeyValue("event", unsent.getFirst().name())
              .addKeyValue("step_uuid", unsent.getFirst().stepUuid())
              .addKeyValue("reason", DATABASE)
              .log("domain events, one of them this, were not published: {}", failure.getMessage());
          for (var event : unsent) {
            events.on(new TaskerEvent.DomainEventFailed(event.name(), DATABASE));
          }
        });
  }

  private @Nullable SqlFailure trySending(List<PendingEvent> batch) {
    try {
      sendBatch(batch);
      events.on(new TaskerEvent.DomainEventsPublished(batch.size()));
      return null;
    } catch (SqlFailure failure) {
      return failure;
    }
  }

  private void sendBatch(List<PendingEvent> batch) {
    queues.call(
        "send domain events",
        connection -> {
          try (var statement = queues.prepare(connection, SEND)) {
            statement.setArray(
                1,
                SqlArrays.texts(connection, batch.stream().map(PendingEvent::namespace).toList()));
            statement.setArray(
                2, SqlArrays.texts(connection, batch.stream().map(PendingEvent::message).toList()));
            try (var rows = statement.executeQuery()) {
              rows.next();
              if (rows.getInt(1) != batch.size()) {
                throw new SQLException(
                    "%d of %d events were sent".formatted(rows.getInt(1), batch.size()));
              }
              return batch.size();
            }
          }
        });
  }

  private void reportViolation(String event, String step, String problems) {
    log.atWarn()
        .addKeyValue("event", event)
        .addKeyValue("step_uuid", step)
        .addKeyValue("reason", SCHEMA)
        .log("a domain event was not published: {}", problems);
    events.on(new TaskerEvent.DomainEventFailed(event, SCHEMA));
  }
}
