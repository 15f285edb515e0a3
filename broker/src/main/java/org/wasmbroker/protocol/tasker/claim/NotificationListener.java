package org.wasmbroker.protocol.tasker.claim;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.wasmbroker.pgmq.ChannelListener;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Listens for Tasker's notifications of messages. A notification carries the whole message, and
 * Tasker's own workers claim from it alone. Here it only ends the wait for steps if it concerns a
 * queue that is served: the claim reads the message from the queue together with all others, since
 * it has to be archived in the same transaction anyway.
 */
public final class NotificationListener {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String PREFIX = "pgmq_message_ready.";
  private static final String WORKER = "worker_";
  private static final String QUEUE = "_queue";

  private NotificationListener() {}

  public static ChannelListener create(Database database, List<QueueName> queues, Runnable wakeUp) {
    var names = queues.stream().map(QueueName::value).collect(Collectors.toSet());
    return new ChannelListener(
        database,
        String.join(",", names),
        queues.stream().map(NotificationListener::channel).distinct().toList(),
        payload -> concerns(names, payload),
        wakeUp);
  }

  /**
   * The channel on which Tasker's send function notifies for this queue, see its function
   * extract_queue_namespace.
   */
  static String channel(QueueName queue) {
    var name = queue.value();
    if (name.startsWith("orchestration")) {
      return PREFIX + "orchestration";
    }
    if (!name.endsWith(QUEUE)) {
      return PREFIX + "default";
    }
    int start = name.startsWith(WORKER) ? WORKER.length() : 0;
    int end = name.length() - QUEUE.length();
    return PREFIX + (start < end ? name.substring(start, end) : "default");
  }

  /** Whether the payload concerns one of the queues; true if it cannot be read. */
  static boolean concerns(Set<String> queues, String payload) {
    try (var parser = JSON.createParser(ObjectReadContext.empty(), payload)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return true;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean isQueue = parser.currentName().equals("queue_name");
        parser.nextToken();
        if (isQueue) {
          return parser.currentToken() != JsonToken.VALUE_STRING
              || queues.contains(parser.getString());
        }
        parser.skipChildren();
      }
      return true;
    } catch (JacksonException unreadable) {
      return true;
    }
  }
}
