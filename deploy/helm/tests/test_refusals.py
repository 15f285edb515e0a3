"""Wrong values are refused, with a message that says what to do."""
import unittest

import yaml

from chart import CHART, template

# Arguments over the minimal values, and a part of the message.
REFUSED = {
    "an unknown value": (["--set", "replicaz=3"], "replicaz"),
    "an unknown value in a section": (["--set", "image.tagg=1"], "tagg"),
    "an unknown setting": (["--set", "config.dispatch.slotz=3"], "slotz"),
    "a dotted setting": (["--set", r"config.dispatch\.slots=3"], "dispatch.slots"),
    "a wrong type": (["--set-string", "config.dispatch.slots=many"], "slots"),
    "a boolean as text": (["--set-string", "networkPolicy.enabled=yes"], "enabled"),
    "a duration without a unit": (["--set", "config.dispatch.drain-grace=30"], "drain-grace"),
    "a size of Kubernetes where the broker's is needed": (["--set", "config.limits.memory=64Mi"], "memory"),
    "no image": (["--set", "image.repository="], "repository"),
    "no database": (["--set", "database.url="], "url"),
    "no secret": (["--set", "database.existingSecret="], "existingSecret"),
    "no address": (["--set", "database.url=mysql://db/steps"], "database.url: must be an address such as"),
    "a password in the address": (["--set", "database.url=postgresql://me:secret@db/steps"], "database.url: must not hold a password"),
    "a password as a parameter": (["--set", "database.url=jdbc:postgresql://db/steps?password=secret"], "database.url: must not hold a password"),
    "a user in a JDBC address": (["--set", "database.url=jdbc:postgresql://me@db/steps"], "database.url: a JDBC address has no user"),
    "a user twice": (["--set", "database.user=me,database.userKey=user"], "database: user and userKey exclude each other"),
    "KEDA and HPA": (["--set", "autoscaling.keda.enabled=true,autoscaling.hpa.enabled=true"], "autoscaling: keda and hpa exclude each other"),
    "HPA to zero": (["--set", "autoscaling.hpa.enabled=true,autoscaling.minReplicas=0"], "autoscaling.minReplicas: must be at least 1"),
    "more at least than at most": (["--set", "autoscaling.minReplicas=11"], "autoscaling.minReplicas: must be at most"),
    "to zero by a metric that is gone then": (
        ["--set", "autoscaling.keda.enabled=true,autoscaling.minReplicas=0,autoscaling.keda.scaler=prometheus"],
        "autoscaling.minReplicas: 0 needs autoscaling.keda.scaler: postgresql",
    ),
    "a Tasker worker to zero": (
        ["--set", "autoscaling.keda.enabled=true,autoscaling.minReplicas=0,protocol=tasker"],
        "autoscaling.minReplicas: must be at least 1 for a Tasker worker",
    ),
    "no server for the prometheus scaler": (
        ["--set", "autoscaling.keda.enabled=true,autoscaling.keda.scaler=prometheus"],
        "autoscaling.keda.prometheus.serverAddress: is needed",
    ),
    "a metric that is not measured": (
        [
            "--set",
            "autoscaling.keda.enabled=true,autoscaling.keda.scaler=prometheus,autoscaling.keda.prometheus.serverAddress=http://p:9090",
            "--set",
            "config.metrics.queue-interval=0s",
        ],
        "config.metrics.queue-interval: must not be 0 with the prometheus scaler",
    ),
    "no user for KEDA": (
        ["--set", "autoscaling.keda.enabled=true,database.url=postgresql://db/steps"],
        "database.user: is needed by KEDA's postgresql scaler",
    ),
    "two monitors": (
        ["--set", "monitoring.serviceMonitor.enabled=true,monitoring.podMonitor.enabled=true"],
        "monitoring: serviceMonitor and podMonitor exclude each other",
    ),
    "an alert that is not there": (["--set", "monitoring.rules.enabled=true,monitoring.rules.disabled={Nothing}"], "there is no alert 'Nothing'"),
    "two policies": (["--set", "policy.content=handlers: [],policy.existingConfigMap=mine"], "policy: content and existingConfigMap exclude each other"),
    "a policy that the chart cannot read, without the memory of a guest": (["--set", "policy.existingConfigMap=mine"], "memory.guest: must be set"),
    "a policy that is no YAML": (["--set", "policy.content=handlers: ]"], "policy.content: cannot be read as YAML"),
    "a class that there is not": (
        ["--set", "policy.content=defaults: {class: huge}"],
        "policy.content: defaults.class: must be one of image, media, text, was 'huge'",
    ),
    "a destination that is none": (
        ["--set", "policy.content=handlers: [{handler: x\\, http: [\"example.com\"]}]"],
        "policy.content: handlers.0.http.0: must be a destination such as",
    ),
    "two authorities": (["--set", "egress.ca.existingSecret=a,egress.ca.existingConfigMap=b"], "egress.ca: existingSecret and existingConfigMap"),
    "two directories of modules": (["--set", "handlers.existingClaim=a,handlers.image=b"], "handlers: configMaps, existingClaim and image"),
    "a module without a version": (["--set", "handlers.configMaps[0].name=a,handlers.configMaps[0].handler=b"], "version"),
    "queues of Tasker without it": (["--set", "tasker.queueDatabase.url=postgresql://q/q"], "tasker.queueDatabase.url: only with protocol: tasker"),
    "queues in a database without a password": (
        ["--set", "protocol=tasker,tasker.queueDatabase.url=postgresql://q/q"],
        "tasker.queueDatabase.existingSecret: is needed",
    ),
    "a mount by subPath": (
        ["--set", "extraVolumeMounts[0].name=a,extraVolumeMounts[0].mountPath=/a,extraVolumeMounts[0].subPath=b"],
        "extraVolumeMounts: a must not use subPath",
    ),
    "a setting as a variable": (["--set", "extraEnv[0].name=WASM_BROKER_DISPATCH_SLOTS,extraEnv[0].value=9"], "use config"),
    "a variable twice": (
        ["--set", "tracing.endpoint=http://c:4318,extraEnv[0].name=OTEL_SERVICE_NAME,extraEnv[0].value=x"],
        "extraEnv: OTEL_SERVICE_NAME is set by tracing",
    ),
    "a heap as an option": (["--set", "java.options={-Xmx9g}"], "options"),
    "a margin that is too short": (["--set", "drain.marginSeconds=5"], "marginSeconds"),
    "a limit below the sum": (["--set", "resources.limits.memory=1Gi"], "resources.limits.memory: must be at least 2118Mi, was 1Gi: guests 368 + heap 694"),
    "a request above the limit": (["--set", "resources.requests.memory=9Gi"], "resources.requests.memory: must be at most the limit"),
    "a guest below what is granted": (["--set", "memory.guest=16MiB"], "memory.guest: must be at least 32 MiB"),
    "a heap below its beginning": (["--set", "memory.heap=64MiB"], "memory.heap: must be at least 128 MiB"),
    "more guests that compute than threads can be": (["--set", "config.dispatch.processors=4097"], "processors"),
    "a budget below one guest": (["--set", "config.dispatch.memory=16MiB"], "config.dispatch.memory: must be at least 32 MiB"),
    "a privileged port": (["--set", "service.port=80"], "port"),
    "a queue that is none": (["--set", "config.queue.name=DROP TABLE", "--set", "autoscaling.keda.enabled=true"], "is no name of a queue"),
}
OWNED = {
    "protocol": "tasker",
    "database.url": "jdbc:postgresql://db/steps",
    "database.password": "secret",
    "database.password-file": "/p",
    "http.host": "127.0.0.1",
    "http.port": "9091",
    "policy.file": "/p",
    "rollout.file": "/p",
    "registry.directory": "/p",
    "registry.approvals": "/p",
    "registry.store": "/p",
    "registry.oci-auth-file": "/p",
    "registry.oci-extra-ca": "/p",
    "egress.extra-ca": "/p",
    "engine.compile-cache": "/p",
    "secrets.directory": "/p",
    "tasker.templates": "/p",
    "record.directory": "/p",
    "tasker.queue-database.url": "postgresql://q/q",
}


class RefusalsTest(unittest.TestCase):
    def test_wrong_values_are_refused_with_their_reason(self):
        for what, (arguments, message) in REFUSED.items():
            with self.subTest(what):
                process = template("minimal", *arguments)
                self.assertNotEqual(process.returncode, 0, "it was accepted")
                self.assertIn(message, process.stderr)

    def test_what_the_chart_sets_is_refused_among_the_settings(self):
        for key, value in OWNED.items():
            with self.subTest(key):
                process = template("minimal", "--set", f"config.{key}={value}")
                self.assertNotEqual(process.returncode, 0, "it was accepted")
                self.assertIn(f"config.{key}: the chart sets it; use the value", process.stderr)

    def test_the_three_values_are_enough_and_each_is_needed(self):
        needed = {"image.repository": "repository", "database.url": "url", "database.existingSecret": "existingSecret"}
        minimal = yaml.safe_load((CHART.parent / "tests/values/minimal.yaml").read_text())
        self.assertEqual(sorted(f"{section}.{key}" for section, keys in minimal.items() for key in keys), sorted(needed))


if __name__ == "__main__":
    unittest.main()
