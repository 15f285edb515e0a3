package org.wasmbroker.protocol.tasker.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.registration.TemplateRegistration.Change;
import org.wasmbroker.protocol.tasker.registration.TemplateRegistration.Registration;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.TaskerDatabase;

class TemplateRegistrationIT {
  private static final int WORKERS = 6;

  private final TaskerDatabase tasker = TaskerDatabase.create();
  private Database database;
  private TemplateRegistration registration;

  @BeforeEach
  void open() {
    database = Database.open(tasker.config(), "test", TaskerSession.SQL);
    registration = registration(database);
  }

  @AfterEach
  void close() {
    database.close();
    tasker.close();
  }

  @Test
  void anUnchangedTemplateIsInsertedOnce() {
    var template = template("orders", "1.0.0", "filter: .a");

    assertThat(change(template)).isEqualTo(Change.INSERTED);
    var row = row();
    assertThat(change(template)).isEqualTo(Change.UNCHANGED);

    assertThat(row()).isEqualTo(row);
    assertThat(stored("orders")).isEqualTo(template.steps().getFirst().json());
    assertThat(
            tasker.query(
                "select tn.name || '/' || tn.description from task_namespaces tn where name = 'shop'"))
        .containsExactly("shop/Auto-created namespace: shop");
  }

  @Test
  void aChangedTemplateReplacesTheOldOne() {
    change(template("orders", "1.0.0", "filter: .a"));
    tasker.execute(
        "update named_tasks set identity_strategy = 'always_unique', description = 'By hand'");
    var changed = template("orders", "1.0.0", "filter: .b");

    assertThat(change(changed)).isEqualTo(Change.UPDATED);

    assertThat(stored("orders")).isEqualTo(changed.steps().getFirst().json());
    assertThat(tasker.query("select identity_strategy || ' ' || description from named_tasks"))
        .containsExactly("always_unique By hand");
    assertThat(change(template("orders", "1.0.1", "filter: .b"))).isEqualTo(Change.INSERTED);
    assertThat(tasker.query("select version from named_tasks order by 1"))
        .containsExactly("1.0.0", "1.0.1");
  }

  @Test
  void concurrentWorkersInsertATemplateOnce() throws InterruptedException, ExecutionException {
    var templates =
        List.of(
            template("a", "1", "filter: ."),
            template("b", "1", "filter: ."),
            template("c", "1", "filter: ."));

    var changes =
        atOnce(
            () -> {
              registration.createQueues();
              return registration.register(templates);
            });

    for (int i = 0; i < templates.size(); i++) {
      int place = i;
      assertThat(changes.stream().map(answer -> answer.get(place).change()))
          .containsOnlyOnce(Change.INSERTED)
          .allMatch(change -> change == Change.INSERTED || change == Change.UNCHANGED);
    }
    assertThat(tasker.query("select count(*) from task_namespaces where name = 'shop'"))
        .containsExactly("1");
  }

  @Test
  void anInvalidTemplateIsRejectedAndOthersAreRegistered() {
    var elsewhere =
        TemplateReader.readStored(
            Document.of(
                "{\"name\":\"a\",\"namespace_name\":\"elsewhere\",\"version\":\"1\",\"steps\":[]}"));
    var tooLong =
        TemplateReader.readStored(
            Document.of(
                "{\"name\":\"%s\",\"namespace_name\":\"shop\",\"version\":\"1\",\"steps\":[]}"
                    .formatted("x".repeat(65))));
    var good = template("orders", "1", "filter: .");

    var answer = registration.register(List.of(elsewhere, tooLong, good));

    assertThat(answer)
        .extracting(Registration::change)
        .containsExactly(Change.REFUSED, Change.REFUSED, Change.INSERTED);
    assertThat(answer.getFirst().reason())
        .isEqualTo("this worker does not serve the namespace elsewhere");
    assertThat(answer.get(1).reason()).contains("value too long");
    assertThat(tasker.query("select name from named_tasks")).containsExactly("orders");
    assertThat(tasker.query("select name from task_namespaces where name = 'elsewhere'")).isEmpty();
  }

  @Test
  void missingQueuesAreCreated() {
    assertThat(registration.createQueues())
        .extracting(QueueName::value)
        .containsExactly(
            "worker_shop_queue",
            "worker_store_queue",
            "orchestration_step_results",
            "orchestration_task_requests",
            "orchestration_task_finalizations");
    assertThat(registration.createQueues()).isEmpty();

    change(
        TemplateReader.readStored(
            Document.of(
                """
                {"name":"a","namespace_name":"store","version":"1","steps":[
                  {"name":"s","handler":{"callable":"transform"}},
                  {"name":"t","handler":{"callable":"transform"},"publishes_events":[
                    {"name":"a.b","description":"","schema":{}}]}]}
                """)));
    change(template("orders", "1", "filter: ."));

    assertThat(registration.createQueues())
        .extracting(QueueName::value)
        .containsExactly("store_domain_events", "store_domain_events_dlq");
    assertThat(tasker.query("select count(*) from pgmq.meta")).containsExactly("7");
  }

  @Test
  void noCreatePrivilegeIsNeededWhenEverythingExists() {
    registration.createQueues();
    var template = template("orders", "1", "filter: .");
    change(template);
    var role = tasker.createRole();
    tasker.execute(
        """
        grant usage on schema tasker, pgmq to %1$s;
        grant select on tasker.task_namespaces, tasker.named_tasks, pgmq.meta to %1$s;
        grant insert, update on tasker.task_namespaces, tasker.named_tasks to %1$s"""
            .formatted(role));

    try (var poor = Database.open(tasker.configOf(role), "test", TaskerSession.SQL)) {
      assertThat(registration(poor).createQueues()).isEmpty();
      assertThat(registration(poor).register(List.of(template)).getFirst().change())
          .isEqualTo(Change.UNCHANGED);
      assertThat(
              registration(poor)
                  .register(List.of(template("orders", "2", "filter: .")))
                  .getFirst()
                  .change())
          .isEqualTo(Change.INSERTED);
    }
  }

  private static TemplateRegistration registration(Database database) {
    return new TemplateRegistration(
        database, database, List.of(new Namespace("shop"), new Namespace("store")));
  }

  private Change change(TaskTemplate template) {
    return registration.register(List.of(template)).getFirst().change();
  }

  /** Everything about the rows, and the transaction that wrote them. */
  private List<String> row() {
    return tasker.query("select xmin || named_tasks::text from named_tasks").stream()
        .map(Objects::requireNonNull)
        .toList();
  }

  private Document stored(String name) {
    var json =
        tasker
            .query("select configuration from named_tasks where name = '%s'".formatted(name))
            .getFirst();
    return TemplateReader.readStored(Document.of(Objects.requireNonNull(json)))
        .steps()
        .getFirst()
        .json();
  }

  private static TaskTemplate template(String name, String version, String initialization) {
    var yaml =
        """
        name: %s
        namespace_name: shop
        version: "%s"
        steps:
          - name: price
            handler:
              callable: transform
              initialization:
                %s
        """
            .formatted(name, version, initialization);
    return TemplateReader.readFile("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }

  private static <T> List<T> atOnce(Callable<T> act)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(WORKERS)) {
      var answers = new ArrayList<T>();
      var acts = new ArrayList<Callable<T>>();
      for (int i = 0; i < WORKERS; i++) {
        acts.add(act);
      }
      for (var answer : threads.invokeAll(acts)) {
        answers.add(answer.get());
      }
      return answers;
    }
  }
}
