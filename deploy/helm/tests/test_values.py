"""What the chart computes from values: memory, times, and the files of a pod."""
import pathlib
import re
import shutil
import tempfile
import unittest

import yaml

from chart import CHART, HOME, MIB, SETS, config, of_kind, only, pods, rendered, seconds, setting, size, template, values

DOCUMENTED = re.compile(r"^\| `([a-z0-9.-]+)` \| [^|]+ \| `([^`]*)` \|", re.M)
POLICY_CLASSES = {"text": {}, "image": {"memory": "128MiB"}, "media": {"memory": "512MiB"}}


def documented_defaults():
    return dict(DOCUMENTED.findall((HOME / "docs/configuration.md").read_text()))


def granted_limits(policy):
    """Every set of limits that the policy may give to a step."""
    defaults = policy.get("defaults") or {}
    rules = policy.get("handlers") or []
    classes = policy.get("classes") or POLICY_CLASSES
    names = {defaults.get("class", "text")} | {rule["class"] for rule in rules if "class" in rule}
    return [classes[name] for name in names] + [each.get("limits") or {} for each in [defaults, *rules]]


def mib(amount):
    return -(-amount // MIB)


def expected_memory(chart_values):
    """The parts of a pod's memory in MiB, as docs/kubernetes.md describes them."""
    defaults = documented_defaults()
    settings = chart_values["config"]
    limits = granted_limits(yaml.safe_load(chart_values["policy"]["content"]) or {})

    def configured(key):
        return size(setting(settings, key, defaults[key]))

    def largest(name):
        return max([configured(f"limits.{name}")] + [size(each[name]) for each in limits if name in each])

    slots = setting(settings, "dispatch.slots")
    computing = min(slots, setting(settings, "dispatch.processors"))
    waiting = slots - computing
    guest = mib(size(chart_values["memory"]["guest"] or largest("memory")))
    waiting_guest = min(guest, mib(size(chart_values["memory"]["waiting"])))
    documents = computing * (3 * largest("input") + 4 * largest("output")) + 3 * configured("report.backlog-bytes")
    if setting(settings, "record.handlers", "none") != "none":
        documents += slots * configured("record.largest")
    heap = 100 + waiting + mib(documents)
    images = setting(settings, "registry.images-size", "")
    heap += mib(size(images)) if images != "" else min(512, max(8, heap // 7))
    for kept in ("cache.size", "files.size"):
        of_guests = setting(settings, kept, "")
        heap += mib(size(of_guests)) if of_guests != "" else 0
    cache = chart_values["cache"]
    on_disk = size(cache["size"]) if cache["size"] else configured("engine.compile-cache-size") + configured("registry.store-size") + 64 * MIB
    return {
        "guests": computing * guest + waiting * waiting_guest,
        "heap": mib(size(chart_values["memory"]["heap"])) if chart_values["memory"]["heap"] else heap,
        "compilations": setting(settings, "engine.compile-concurrency")
        * mib(configured("engine.compile-memory") + size(chart_values["memory"]["compiler"])),
        "stacks": mib(slots * (configured("engine.stack") + MIB)),
        "cache": mib(on_disk) if cache["medium"] == "Memory" else 0,
        "reserve": mib(size(chart_values["memory"]["reserve"])),
    }


def container(objects):
    return only(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]


def environment(objects):
    return {each["name"]: each.get("value") for each in container(objects)["env"]}


class MemoryTest(unittest.TestCase):
    def test_the_limit_is_the_sum_of_the_parts(self):
        for name in SETS:
            with self.subTest(name):
                parts = expected_memory(values(name))
                given = values(name)["resources"]["limits"]["memory"]
                limit = size(container(rendered(name))["resources"]["limits"]["memory"])
                if given:
                    self.assertEqual(limit, size(given))
                    self.assertGreaterEqual(limit, sum(parts.values()) * MIB)
                else:
                    self.assertEqual(limit, sum(parts.values()) * MIB, parts)

    def test_guests_and_heap_get_their_parts(self):
        for name in SETS:
            with self.subTest(name):
                parts = expected_memory(values(name))
                self.assertEqual(size(config(rendered(name))["dispatch"]["memory"]), parts["guests"] * MIB)
                options = environment(rendered(name))["WASM_BROKER_JAVA_OPTS"]
                self.assertIn(f"-Xmx{parts['heap']}m", options.split())
                first, young = (int(re.search(rf"-Xm{letter}([0-9]+)m", options)[1]) for letter in "sn")
                self.assertLess(young, first)
                self.assertLessEqual(first, parts["heap"])

    def test_the_parts_of_some_sets_are_known_numbers(self):
        expected = {"guests": 128 + 240, "heap": 548 + 60 + 86, "compilations": 640, "stacks": 96, "cache": 0, "reserve": 320}
        self.assertEqual(expected_memory(values("minimal")), expected)
        # 3 guests of the class image that compute, 160 MiB: the class model, 1 GiB, is granted to nobody. 13 of 8 MiB that wait.
        # Inputs of 32, outputs of 16 MiB.
        expected = {"guests": 480 + 104, "heap": 676 + 13 + 98 + 96, "compilations": 1792, "stacks": 32, "cache": 576, "reserve": 320}
        self.assertEqual(expected_memory(values("everything")), expected)
        self.assertEqual(expected_memory(values("hpa"))["guests"], 4 * 512 + 60 * 4)

    def test_what_a_policy_grants_to_all_counts_and_a_larger_default_class_too(self):
        policy = "defaults: { class: image, limits: { input: 20MiB } }"
        objects = list(yaml.safe_load_all(template("minimal", "--set", f"policy.content={policy.replace(',', chr(92) + ',')}").stdout))
        self.assertEqual(config([each for each in objects if each])["dispatch"]["memory"], "752MiB")
        self.assertIn("-Xmx749m", environment([each for each in objects if each])["WASM_BROKER_JAVA_OPTS"])

    def test_requests_are_the_limit_unless_given(self):
        resources = container(rendered("minimal"))["resources"]
        self.assertEqual(resources["requests"]["memory"], resources["limits"]["memory"])
        self.assertNotIn("cpu", resources["limits"])
        self.assertEqual(container(rendered("everything"))["resources"]["requests"]["memory"], "2Gi")

    def test_the_cache_has_a_size_that_the_pods_storage_covers(self):
        for name in SETS:
            with self.subTest(name):
                for _, pod in pods(rendered(name)):
                    cache = next(volume["emptyDir"] for volume in pod["volumes"] if volume["name"] == "cache")
                    storage = size(pod["containers"][0]["resources"]["limits"]["ephemeral-storage"])
                    on_disk = 0 if cache.get("medium") == "Memory" else size(cache["sizeLimit"])
                    recordings = sum(size(volume["emptyDir"]["sizeLimit"]) for volume in pod["volumes"] if volume["name"] == "recordings")
                    self.assertEqual(storage, on_disk + recordings + 64 * MIB)
                    self.assertGreater(size(cache["sizeLimit"]), 0)

    def test_defaults_in_the_templates_are_the_brokers(self):
        defaults = documented_defaults()
        found = 0
        for path in (CHART / "templates").glob("*.tpl"):
            for keys, default in re.findall(r'dig ((?:"[a-z-]+" )+)(?:"([^"]*)"|[0-9]+) \$?\.?(?:config|Values\.config)', path.read_text()):
                key = ".".join(re.findall(r'"([a-z-]+)"', keys))
                if key in defaults and default:
                    found += 1
                    self.assertEqual(default, defaults[key], f"{path.name}: {key}")
        self.assertGreaterEqual(found, 10)


class TimesTest(unittest.TestCase):
    def test_a_pod_has_longer_than_its_broker_drains(self):
        for name in SETS:
            with self.subTest(name):
                deployment = only(rendered(name), "Deployment")["spec"]
                grace = seconds(config(rendered(name))["dispatch"]["drain-grace"])
                termination = deployment["template"]["spec"]["terminationGracePeriodSeconds"]
                self.assertEqual(termination, grace + values(name)["drain"]["marginSeconds"])
                self.assertGreater(deployment["progressDeadlineSeconds"], termination)

    def test_the_margin_covers_what_the_broker_does_after_the_grace(self):
        sources = HOME / "broker/src/main/java/org/wasmbroker"
        budgets = {
            (path, name): int(seconds)
            for path in ("app/Broker.java", "dispatch/Dispatcher.java")
            for name, seconds in re.findall(r"Duration ([A-Z]+_BUDGET) = Duration.ofSeconds\(([0-9]+)\)", (sources / path).read_text())
        }
        self.assertIn(("dispatch/Dispatcher.java", "INTERRUPT_BUDGET"), budgets)
        flush = max(each for (_, name), each in budgets.items() if name == "FLUSH_BUDGET")
        needed = flush + budgets["dispatch/Dispatcher.java", "INTERRUPT_BUDGET"]
        margin = yaml.safe_load((CHART / "values.yaml").read_text())["drain"]["marginSeconds"]
        self.assertGreaterEqual(margin, needed + 10)
        schema = yaml.safe_load((CHART.parent / "values.schema.yaml").read_text())
        self.assertGreater(schema["properties"]["drain"]["properties"]["marginSeconds"]["minimum"], needed)

    def test_a_new_broker_is_ready_before_an_old_one_drains(self):
        update = only(rendered("minimal"), "Deployment")["spec"]["strategy"]
        self.assertEqual(update, {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})

    def test_probes_ask_paths_of_both_protocols(self):
        for name in SETS:
            probes = {key: each for key, each in container(rendered(name)).items() if key.endswith("Probe")}
            paths = {key: each["httpGet"]["path"] for key, each in probes.items()}
            self.assertEqual(
                paths, {"startupProbe": "/health/live", "livenessProbe": "/health/live", "readinessProbe": "/health/ready"}, name
            )
        pages = HOME / "broker/src/main/java/org/wasmbroker/app"
        for path in ("/health/live", "/health/ready", "/metrics"):
            for page in ("StandalonePages.java", "TaskerPages.java"):
                self.assertIn(f'case "{path}"', (pages / page).read_text())


class FilesTest(unittest.TestCase):
    def mounted(self, name):
        pod = only(rendered(name), "Deployment")["spec"]["template"]["spec"]
        mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
        return {mounts[volume["name"]]: volume for volume in pod["volumes"]}

    def test_files_that_are_read_again_are_directories_of_whole_config_maps(self):
        mounted = self.mounted("everything")
        for what in ("config", "policy", "rollout", "approvals"):
            self.assertEqual(mounted[f"/etc/wasm-broker/{what}"]["configMap"], {"name": f"steps-{what}"})
        mounted = self.mounted("own-files")
        self.assertEqual(mounted["/etc/wasm-broker/policy"]["configMap"], {"name": "company-policy"})
        self.assertEqual(config(rendered("own-files"))["policy"]["file"], "/etc/wasm-broker/policy/steps.yaml")

    def test_every_path_in_the_configuration_is_mounted(self):
        for name in SETS:
            mounted = self.mounted(name)
            for key, path in re.findall(r"^ +([a-z-]+): (/\S+)$", yaml.safe_dump(config(rendered(name))), re.M):
                with self.subTest(f"{name}: {key}"):
                    self.assertTrue([each for each in mounted if path == each or path.startswith(f"{each}/")], path)

    def test_secrets_are_files(self):
        mounted = self.mounted("everything")
        self.assertEqual(mounted["/run/secrets/wasm-broker-database"]["secret"]["secretName"], "broker-database")
        self.assertEqual(config(rendered("everything"))["database"]["password-file"], "/run/secrets/wasm-broker-database/db-password")
        sources = mounted["/run/secrets/wasm-broker"]["projected"]["sources"]
        self.assertEqual([each["secret"]["name"] for each in sources], ["partner-keys", "signing-keys"])
        self.assertEqual(mounted["/run/secrets/wasm-broker-registry"]["secret"]["secretName"], "registry-auth")
        self.assertEqual(self.mounted("tasker")["/run/secrets/wasm-broker-queue-database"]["secret"]["secretName"], "queues-app")

    def test_the_policy_is_deployed_byte_for_byte(self):
        content = values("everything")["policy"]["content"]
        self.assertEqual(only(rendered("everything"), "ConfigMap", "-policy")["data"]["policy.yaml"], content)

    def test_a_changed_policy_replaces_no_pod_and_a_changed_setting_does(self):
        def annotations(*arguments):
            return only(rendered("everything", *arguments), "Deployment")["spec"]["template"]["metadata"]["annotations"]

        policy = CHART.parent / "tests/values/everything.yaml"
        before = annotations()
        self.assertEqual(before, annotations("--set", "rollout.content=handlers: {transform: {stable: 1.1.0}}"))
        changed = yaml.safe_load(policy.read_text())["policy"]["content"].replace("status.example.com", "state.example.com").replace(",", "\\,")
        self.assertEqual(before, annotations("--set", f"policy.content={changed}"))
        self.assertNotEqual(before, annotations("--set", "config.log.level=trace"))
        # A larger class needs a larger pod, and the engine is sized for it at the start.
        larger = changed.replace("160MiB", "192MiB")
        self.assertNotEqual(before, annotations("--set", f"policy.content={larger}"))

    def test_settings_that_the_image_has_as_variables_can_be_set(self):
        found = re.findall(r"(WASM_BROKER_[A-Z_]+)=", (HOME / "Dockerfile").read_text())
        self.assertEqual(set(found), {f"WASM_BROKER_{key}" for key in ("ENGINE_LIBRARY", "ENGINE_COMPILE_SEED", "HTTP_HOST", "LOG_FORMAT")})
        given = environment(rendered("minimal", "--set", "config.log.format=text,config.engine.compile-seed=/seed,config.engine.library=/lib.so"))
        self.assertEqual(
            [given[f"WASM_BROKER_{key}"] for key in ("LOG_FORMAT", "ENGINE_COMPILE_SEED", "ENGINE_LIBRARY")], ["text", "/seed", "/lib.so"]
        )
        self.assertEqual(environment(rendered("minimal"))["WASM_BROKER_LOG_FORMAT"], "json")

    def test_the_pods_user_and_cache_are_the_images(self):
        image = (HOME / "Dockerfile").read_text()
        user = re.search(r"(?m)^USER ([0-9]+):([0-9]+)$", image)
        context = only(rendered("minimal"), "Deployment")["spec"]["template"]["spec"]["securityContext"]
        self.assertEqual((str(context["runAsUser"]), str(context["runAsGroup"])), user.groups())
        self.assertIn("XDG_CACHE_HOME=/var/cache", image)

    def test_recordings_have_a_place_that_lasts_if_there_is_a_claim(self):
        mounted = self.mounted("recordings")
        self.assertEqual(config(rendered("recordings"))["record"]["directory"], "/var/lib/wasm-broker/recordings")
        # What brokers keep, and what waits for the disk.
        self.assertEqual(mounted["/var/lib/wasm-broker"]["emptyDir"], {"sizeLimit": "128Mi"})
        claimed = only(rendered("recordings", "--set", "recordings.existingClaim=kept"), "Deployment")["spec"]["template"]["spec"]
        self.assertIn({"name": "recordings", "persistentVolumeClaim": {"claimName": "kept"}}, claimed["volumes"])
        self.assertNotIn("/var/lib/wasm-broker", self.mounted("minimal"))
        # A group that can write to the volume must not get rights on the broker's own directory in it, which the broker would refuse.
        context = only(rendered("recordings", "--set", "podSecurityContext.fsGroup=65532"), "Deployment")["spec"]["template"]["spec"]["securityContext"]
        self.assertEqual((context["fsGroup"], context["fsGroupChangePolicy"]), (65532, "OnRootMismatch"))

    def test_modules_of_config_maps_have_their_places(self):
        sources = self.mounted("everything")["/etc/wasm-broker/handlers"]["projected"]["sources"]
        paths = [item["path"] for each in sources for item in each["configMap"]["items"]]
        self.assertEqual(len(paths), 5)
        self.assertIn("hello/1.0.0/signature.sigstore.json", paths)
        self.assertIn("hello/1.1.0/module.wasm", paths)
        self.assertEqual(self.mounted("hpa")["/etc/wasm-broker/handlers"]["image"], {"reference": "registry.example/handlers:2026-11"})
        self.assertIs(self.mounted("own-files")["/etc/wasm-broker/handlers"]["persistentVolumeClaim"]["readOnly"], True)

    def test_an_authority_of_the_database_is_demanded_by_the_address(self):
        self.assertEqual(
            config(rendered("everything"))["database"]["url"],
            "jdbc:postgresql://db-a.example.org:6432,db-b.example.org:6433/steps?targetServerType=primary"
            "&sslmode=verify-full&sslrootcert=/etc/wasm-broker/database-ca/ca.crt",
        )

    def test_rules_and_dashboards_are_those_of_the_repository(self):
        objects = rendered("everything")
        rules = yaml.safe_load((HOME / "deploy/prometheus/rules.yaml").read_text())
        self.assertEqual(only(objects, "PrometheusRule")["spec"], rules)
        found = {}
        for each in of_kind(objects, "ConfigMap"):
            if each["metadata"]["labels"].get("grafana_dashboard") == "1":
                found.update(each["data"])
        wanted = {path.name: path.read_text() for path in (HOME / "deploy/grafana").glob("*.json")}
        self.assertTrue(wanted)
        self.assertEqual(found, wanted)

    def test_an_alert_can_be_left_out(self):
        rules = yaml.safe_load((HOME / "deploy/prometheus/rules.yaml").read_text())
        alert = next(rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule)
        left = only(rendered("everything", "--set", f"monitoring.rules.disabled={{{alert}}}"), "PrometheusRule")["spec"]
        names = [rule.get("alert") for group in left["groups"] for rule in group["rules"]]
        self.assertNotIn(alert, names)
        self.assertEqual(len(names), sum(len(group["rules"]) for group in rules["groups"]) - 1)


class NotesTest(unittest.TestCase):
    def notes(self, name, *arguments):
        """Helm 3 shows NOTES only where there is a cluster; so a template of a copy includes them."""
        with tempfile.TemporaryDirectory() as directory:
            copy = shutil.copytree(CHART, f"{directory}/wasm-broker")
            shown = "kind: ConfigMap\napiVersion: v1\nmetadata: { name: notes }\ndata:\n  notes: {{ include (print .Template.BasePath \"/NOTES.txt\") . | quote }}\n"
            pathlib.Path(copy, "templates/notes.yaml").write_text(shown)
            process = template(name, "--show-only", "templates/notes.yaml", *arguments, chart=copy)
        self.assertEqual(process.returncode, 0, process.stderr)
        return yaml.safe_load(process.stdout)["data"]["notes"]

    def test_the_arithmetic_is_shown(self):
        for name in ("minimal", "everything", "own-files"):
            notes = self.notes(name)
            parts = expected_memory(values(name))
            for part, amount in parts.items():
                self.assertRegex(notes, rf"(?m)^  {part} +{amount} ")
            self.assertRegex(notes, rf"(?m)^  sum +{sum(parts.values())} ")

    def test_steps_longer_than_the_grace_are_told(self):
        self.assertNotIn("NOTE:", self.notes("minimal"))
        self.assertIn("a step may run for 600 s", self.notes("minimal", "--set", "config.limits.time=10m"))
        self.assertIn("networkPolicy.enabled is false", self.notes("own-files"))


if __name__ == "__main__":
    unittest.main()
