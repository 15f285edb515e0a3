"""The broker itself accepts what the chart renders: its configuration, policy and rollout, and the options of its JVM."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from chart import HOME, SETS, config, only, pods, rendered, setting, size

# The broker's command line; an image's would do as well.
BROKER = os.environ.get("WASM_BROKER", str(HOME / "wasm-broker")).split()
MOUNTS = ("/etc/wasm-broker/", "/run/secrets/", "/var/cache/wasm-broker/")

# What the Secrets, ConfigMaps and claims of others hold.
OTHERS = {
    "company-policy": {"steps.yaml": "handlers: [{ handler: transform, class: image }]\n"},
    "company-rollout": {"rollout.yaml": "handlers: { transform: { stable: 1.0.0 } }\n"},
    "company-approvals": {"approvals.yaml": "approvals: []\n"},
    "task-templates": {"none.txt": ""},
}


def mount(root, objects):
    """Writes the files of a pod's volumes below a directory, as the kubelet does: a link to a directory of links."""
    own = {each["metadata"]["name"]: each["data"] for each in objects if each["kind"] == "ConfigMap"}
    pod = only(objects, "Deployment")["spec"]["template"]["spec"]
    places = {each["name"]: root / each["mountPath"].lstrip("/") for each in pod["containers"][0]["volumeMounts"]}
    for volume in pod["volumes"]:
        place = places[volume["name"]]
        data = place / "..data"
        data.mkdir(parents=True)
        if "configMap" in volume and "items" not in volume["configMap"]:
            files = own.get(volume["configMap"]["name"]) or OTHERS[volume["configMap"]["name"]]
        else:
            items = volume.get("secret", volume.get("configMap", {})).get("items", [])
            files = {item["path"]: certificate() if "ca" in volume["name"] else "{}" for item in items}
        for name, content in files.items():
            (data / name).write_text(below(root, content))
            (place / name).symlink_to(data / name)
    return places["config"] / "config.yaml"


def certificate():
    """A certificate authority of this machine."""
    text = pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_text()
    end = "-----END CERTIFICATE-----\n"
    return text[text.index("-----BEGIN") : text.index(end)] + end


def below(root, text):
    for prefix in MOUNTS:
        text = text.replace(prefix, f"{root}{prefix}")
    return text


class BrokerTest(unittest.TestCase):
    def run_broker(self, root, environment, *arguments):
        return subprocess.run(
            [*BROKER, *map(str, arguments)],
            cwd=root,
            env={**{key: os.environ[key] for key in ("PATH", "HOME", "JAVA_HOME") if key in os.environ}, **environment},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def test_the_broker_accepts_what_is_rendered(self):
        for name in SETS:
            with self.subTest(name), tempfile.TemporaryDirectory() as directory:
                root = pathlib.Path(directory)
                objects = rendered(name)
                _, pod = next(pods(objects))
                environment = {each["name"]: below(root, each["value"]) for each in pod["containers"][0]["env"] if "value" in each}
                file = mount(root, objects)
                self.assertEqual(environment["WASM_BROKER_CONFIG"], str(file))
                process = self.run_broker(root, environment, "check-config")
                self.assertEqual(process.returncode, 0, process.stderr)
                effective = dict(re.findall(r"(?m)^([a-z0-9.-]+) +=? *(\S+)", process.stdout))
                self.assertEqual(size(effective["dispatch.memory"]), size(config(objects)["dispatch"]["memory"]))
                for bound in ("slots", "processors"):
                    self.assertEqual(effective[f"dispatch.{bound}"], str(config(objects)["dispatch"][bound]))
                self.assertEqual(effective["http.host"], "0.0.0.0")
                self.check_files(root, environment, config(objects))

    def check_files(self, root, environment, settings):
        if policy := setting(settings, "policy.file"):
            process = self.run_broker(root, environment, "policy", "check", below(root, policy))
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertIn("valid", process.stdout)
        if setting(settings, "rollout.file"):
            process = self.run_broker(
                root, environment, "rollout", "show", "--set", "database.url=jdbc:postgresql://127.0.0.1:1/none", "--set", "database.connect-timeout=1s"
            )
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertIn("transform", process.stdout)


if __name__ == "__main__":
    unittest.main()
