"""By what the number of brokers is scaled, and how fast."""
import re
import unittest

from chart import HOME, SETS, of_kind, only, rendered


class ScalingTest(unittest.TestCase):
    def test_replicas_are_nobodys_but_the_scalers(self):
        for name in SETS:
            scaled = bool(of_kind(rendered(name), "ScaledObject") + of_kind(rendered(name), "HorizontalPodAutoscaler"))
            self.assertEqual("replicas" in only(rendered(name), "Deployment")["spec"], not scaled, name)

    def test_visible_messages_are_counted_no_further_than_needed(self):
        trigger = only(rendered("everything"), "ScaledObject")["spec"]["triggers"][0]["metadata"]
        self.assertEqual(
            trigger["query"],
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM pgmq.q_thumbnails WHERE vt <= clock_timestamp() LIMIT 10000) AS messages)",
        )
        self.assertEqual((trigger["host"], trigger["port"], trigger["dbName"], trigger["userName"]), ("db-a.example.org", "6432", "steps", "wasm_broker"))
        self.assertEqual(trigger["targetQueryValue"], "500")

    def test_the_documented_query_is_the_charts(self):
        document = (HOME / "docs/kubernetes.md").read_text()
        query = only(rendered("minimal", "--set", "autoscaling.keda.enabled=true"), "ScaledObject")["spec"]["triggers"][0]["metadata"]["query"]
        self.assertIn(f"\n{query}\n", document)

    def test_all_queues_of_a_tasker_worker_count(self):
        query = only(rendered("tasker"), "ScaledObject")["spec"]["triggers"][0]["metadata"]["query"]
        queues = re.findall(r"pgmq\.q_(\w+)", query)
        self.assertEqual(queues, ["worker_catalog_queue", "worker_billing_queue", "worker_composition_queue"])

    def test_the_scaler_connects_to_where_the_queues_are_with_the_secret_of_it(self):
        def connection(*arguments):
            objects = rendered("tasker", *arguments)
            targets = only(objects, "TriggerAuthentication")["spec"]["secretTargetRef"]
            trigger = only(objects, "ScaledObject")["spec"]["triggers"][0]["metadata"]
            return trigger["host"], trigger.get("userName"), [(each["parameter"], each["name"], each["key"]) for each in targets]

        self.assertEqual(connection(), ("queues.example.org", "worker", [("password", "queues-app", "password")]))
        self.assertEqual(
            connection("--set", "tasker.queueDatabase.url="),
            ("tasker-rw.databases.svc", None, [("password", "tasker-app", "password"), ("userName", "tasker-app", "username")]),
        )

    def test_to_zero_only_without_any_message(self):
        spec = only(rendered("keda-to-zero"), "ScaledObject")["spec"]
        self.assertEqual(spec["minReplicaCount"], 0)
        visible, any_message = spec["triggers"]
        self.assertIn("WHERE vt", visible["metadata"]["query"])
        self.assertNotIn("WHERE", any_message["metadata"]["query"])
        most = spec["maxReplicaCount"] * int(visible["metadata"]["targetQueryValue"])
        self.assertGreater(int(any_message["metadata"]["targetQueryValue"]), most, "it never adds brokers")
        self.assertEqual((visible["metadata"]["host"], visible["metadata"]["sslmode"]), ("db.databases.svc", "require"))
        self.assertEqual(visible["metadata"]["activationTargetQueryValue"], "5")

    def test_the_metric_is_asked_for_once_for_each_queue(self):
        trigger = only(rendered("keda-prometheus"), "ScaledObject")["spec"]["triggers"][0]
        self.assertEqual(trigger["metadata"]["query"], 'sum(max by (queue) (wasm_broker_queue_visible{queue=~"catalog_queue"}))')
        self.assertEqual(trigger["authenticationRef"], {"name": "prometheus"})
        self.assertFalse(of_kind(rendered("keda-prometheus"), "TriggerAuthentication"))

    def test_brokers_come_fast_and_go_slowly(self):
        behaviors = [
            only(rendered("everything"), "ScaledObject")["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"],
            only(rendered("hpa"), "HorizontalPodAutoscaler")["spec"]["behavior"],
        ]
        for behavior in behaviors:
            self.assertEqual(behavior["scaleUp"]["stabilizationWindowSeconds"], 0)
            self.assertEqual(behavior["scaleDown"]["stabilizationWindowSeconds"], 300)

if __name__ == "__main__":
    unittest.main()
