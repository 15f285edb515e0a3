"""Every rendered object is what its schema allows, and what a cluster with restricted pods takes."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema
import kubernetes_validate
import yaml

from chart import CHART, SETS, VALUES, helm, only, pods, rendered, template, walk

CRDS = pathlib.Path(os.environ["CRDS"])
KUBERNETES = "1.37"


def violations(*found):
    """What the restricted Pod Security Standard says of pods, by Kubernetes' own code."""
    listed = [{"metadata": {"name": name}, "spec": pod} for name, pod in found]
    process = subprocess.run([os.environ["PODSECURITY"]], input=yaml.safe_dump(listed), capture_output=True, text=True, check=True)
    return process.stdout.splitlines()


def closed(schema):
    """A schema of a custom resource that refuses unknown members, as `kubectl apply --validate=strict` does."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        result["properties"] = {key: closed(value) for key, value in schema["properties"].items()}
        if "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            result["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        result = {key: value for key, value in result.items() if key not in ("anyOf", "type")}
        result["type"] = ["integer", "string"]
    return result


def custom_schemas():
    schemas = {}
    for path in CRDS.glob("*.yaml"):
        definition = yaml.safe_load(path.read_text())
        for version in definition["spec"]["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            schema["properties"]["metadata"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            name = (f"{definition['spec']['group']}/{version['name']}", definition["spec"]["names"]["kind"])
            schemas[name] = closed(schema)
    return schemas


class ObjectsTest(unittest.TestCase):
    maxDiff = None

    def each(self):
        for name in SETS:
            with self.subTest(name):
                yield name, rendered(name)

    def test_lint_finds_nothing(self):
        for name in SETS:
            with self.subTest(name):
                process = helm("lint", "--strict", "--values", VALUES / f"{name}.yaml", CHART)
                self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
                self.assertNotIn("[WARNING]", process.stdout)

    def test_a_package_renders_the_same(self):
        with tempfile.TemporaryDirectory() as directory:
            process = helm("package", CHART, "--destination", directory)
            self.assertEqual(process.returncode, 0, process.stderr)
            (package,) = pathlib.Path(directory).glob("wasm-broker-*.tgz")
            self.assertEqual(template("everything").stdout, template("everything", chart=package).stdout)

    def test_every_object_is_valid(self):
        custom = custom_schemas()
        seen = set()
        for _, objects in self.each():
            for each in objects:
                kind = (each["apiVersion"], each["kind"])
                seen.add(kind)
                if kind in custom:
                    jsonschema.Draft202012Validator(custom[kind]).validate(each)
                else:
                    kubernetes_validate.validate(each, KUBERNETES, strict=True)
        self.assertLessEqual(
            {("keda.sh/v1alpha1", "ScaledObject"), ("keda.sh/v1alpha1", "TriggerAuthentication")}
            | {("monitoring.coreos.com/v1", kind) for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule")}
            | {("autoscaling/v2", "HorizontalPodAutoscaler"), ("networking.k8s.io/v1", "NetworkPolicy"), ("policy/v1", "PodDisruptionBudget")},
            seen,
        )

    def test_the_checks_find_what_they_are_for(self):
        scaled = only(rendered("keda-to-zero"), "ScaledObject")
        schema = custom_schemas()[("keda.sh/v1alpha1", "ScaledObject")]
        wrong = {**scaled, "spec": {**scaled["spec"], "coolDownPeriod": 3}}
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate(wrong)
        wrong = {**scaled, "spec": {**scaled["spec"], "minReplicaCount": "none"}}
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate(wrong)
        name, pod = next(pods(rendered("minimal")))
        wrong = {**pod, "hostNetwork": True, "volumes": [{"name": "host", "hostPath": {"path": "/"}}]}
        found = " ".join(violations((name, wrong)))
        self.assertIn("host namespaces", found)
        self.assertIn("restricted volume types", found)
        service = only(rendered("minimal"), "Service")
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate({**service, "spec": {**service["spec"], "clusterIp": "None"}}, KUBERNETES, strict=True)

    def test_names_are_unique_and_labels_complete(self):
        for _, objects in self.each():
            names = [(each["kind"], each["metadata"]["name"]) for each in objects]
            self.assertEqual(len(names), len(set(names)), names)
            for each in objects:
                self.assertLessEqual(len(each["metadata"]["name"]), 63)
                for label in ("name", "instance", "version", "managed-by"):
                    self.assertIn(f"app.kubernetes.io/{label}", each["metadata"]["labels"], each["metadata"]["name"])

    def test_pods_are_restricted(self):
        for _, objects in self.each():
            self.assertEqual(violations(*pods(objects)), [])
            for name, pod in pods(objects):
                self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
                self.assertGreater(pod["securityContext"]["runAsUser"], 0)
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertFalse({"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.keys(), name)
                for container in pod["containers"]:
                    self.assertEqual(
                        container["securityContext"],
                        {
                            "allowPrivilegeEscalation": False,
                            "readOnlyRootFilesystem": True,
                            "runAsNonRoot": True,
                            "capabilities": {"drop": ["ALL"]},
                        },
                    )
                    self.assertFalse([port for port in container.get("ports", []) if "hostPort" in port])

    def test_a_cluster_may_assign_the_user_itself(self):
        objects = rendered("minimal", "--set", "podSecurityContext.runAsUser=null", "--set", "podSecurityContext.runAsGroup=null")
        for _, pod in pods(objects):
            expected = {"runAsNonRoot": True, "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": {"type": "RuntimeDefault"}}
            self.assertEqual(pod["securityContext"], expected)

    def test_pods_have_no_access_to_the_cluster(self):
        for name, objects in self.each():
            for _, pod in pods(objects):
                self.assertIs(pod["automountServiceAccountToken"], False)
                self.assertIs(pod["enableServiceLinks"], False)
            accounts = [each for each in objects if each["kind"] == "ServiceAccount"]
            self.assertEqual(len(accounts), 0 if name == "hpa" else 1)
            self.assertTrue(all(each["automountServiceAccountToken"] is False for each in accounts))
            self.assertFalse([each for each in objects if "Role" in each["kind"]])

    def test_no_secret_is_rendered(self):
        for _, objects in self.each():
            self.assertFalse([each for each in objects if each["kind"] == "Secret"])

    def test_nothing_is_mounted_by_subpath_and_every_volume_is_mounted(self):
        for _, objects in self.each():
            for each in objects:
                self.assertFalse([path for path, _ in walk(each) if path.endswith(("/subPath", "/subPathExpr"))])
            for name, pod in pods(objects):
                volumes = [volume["name"] for volume in pod["volumes"]]
                self.assertEqual(len(volumes), len(set(volumes)), name)
                for container in pod["containers"]:
                    self.assertEqual(sorted(volumes), sorted(mount["name"] for mount in container["volumeMounts"]), name)
                    paths = [mount["mountPath"] for mount in container["volumeMounts"]]
                    self.assertEqual(len(paths), len(set(paths)), name)
                    writable = [mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
                    self.assertIn(writable, (["cache"], ["cache", "more"], ["cache", "recordings"]), name)

    def test_selectors_select_the_brokers_and_not_the_test(self):
        for name, objects in self.each():
            deployment = only(objects, "Deployment")
            labels = deployment["spec"]["template"]["metadata"]["labels"]
            selector = deployment["spec"]["selector"]["matchLabels"]
            tests = [each["metadata"]["labels"] for each in objects if each["kind"] == "Pod"]
            selectors = [selector, only(objects, "Service")["spec"]["selector"]]
            selectors += [each["spec"]["selector"]["matchLabels"] for each in objects if each["kind"] in ("PodDisruptionBudget", "PodMonitor")]
            for each in selectors:
                self.assertLessEqual(each.items(), labels.items(), name)
                for test in tests:
                    self.assertFalse(each.items() <= test.items(), name)
            for policy in (each for each in objects if each["kind"] == "NetworkPolicy"):
                for pod in [labels, *tests]:
                    self.assertLessEqual(policy["spec"]["podSelector"]["matchLabels"].items(), pod.items(), name)
            for monitor in (each for each in objects if each["kind"] == "ServiceMonitor"):
                self.assertLessEqual(monitor["spec"]["selector"]["matchLabels"].items(), only(objects, "Service")["metadata"]["labels"].items())


if __name__ == "__main__":
    unittest.main()
