"""What the pods may connect to."""
import ipaddress
import re
import unittest

from chart import HOME, SETS, only, rendered

SPECIAL = HOME / "broker/src/main/java/org/wasmbroker/url/SpecialPurposeAddresses.java"


class NetworkTest(unittest.TestCase):
    def egress(self, name, *arguments):
        return only(rendered(name, *arguments), "NetworkPolicy")["spec"]["egress"]

    def rules(self, rules, port):
        return [rule for rule in rules if port in [each["port"] for each in rule.get("ports", [])]]

    def test_without_a_policy_there_is_dns_and_the_database(self):
        dns, database = self.egress("minimal")
        self.assertEqual({(each["protocol"], each["port"]) for each in dns["ports"]}, {("UDP", 53), ("TCP", 53)})
        self.assertEqual(database["ports"], [{"protocol": "TCP", "port": 5432}])

    def test_the_public_internet_is_what_the_broker_calls_so(self):
        networks = [ipaddress.ip_network(each) for each in re.findall(r'entry\("([0-9a-f.:/]+)"', SPECIAL.read_text())]
        self.assertGreater(len(networks), 30)
        rule = self.rules(self.egress("everything"), 8443)[-1]
        for block in (each["ipBlock"] for each in rule["to"]):
            whole = ipaddress.ip_network(block["cidr"])
            excepted = [ipaddress.ip_network(each) for each in block["except"]]
            special = [each for each in networks if each.version == whole.version and each.subnet_of(whole)]
            self.assertEqual(list(ipaddress.collapse_addresses(excepted)), list(ipaddress.collapse_addresses(special)))
            self.assertTrue(all(each.subnet_of(whole) for each in excepted))

    def test_no_rule_reaches_the_metadata_of_a_cloud(self):
        kinds = re.findall(r'entry\("([0-9a-f.:/]+)", "cloud metadata"\)', SPECIAL.read_text())
        self.assertEqual(len(kinds), 3)
        for name in set(SETS) - {"own-files"}:
            for rule in self.egress(name):
                for block in (each["ipBlock"] for each in rule["to"] if "ipBlock" in each):
                    for address in map(ipaddress.ip_network, kinds):
                        with self.subTest(f"{name}: {block['cidr']} {address}"):
                            whole = ipaddress.ip_network(block["cidr"])
                            excepted = [ipaddress.ip_network(each) for each in block.get("except", [])]
                            reached = whole.version == address.version and address.subnet_of(whole)
                            self.assertFalse(reached and not any(address.version == each.version and address.subnet_of(each) for each in excepted))

    def test_what_the_policy_grants_can_be_reached(self):
        egress = self.egress("everything")
        public = [rule for rule in egress if "10.0.0.0/8" in rule["to"][0].get("ipBlock", {}).get("except", [])]
        self.assertEqual([sorted(each["port"] for each in rule["ports"]) for rule in public], [[443, 8443]])
        networks = {
            rule["to"][0]["ipBlock"]["cidr"]: [each["port"] for each in rule["ports"]]
            for rule in egress
            if len(rule["to"]) == 1 and rule.get("ports") and "ipBlock" in rule["to"][0]
        }
        self.assertEqual(networks, {"10.20.0.0/16": [443], "fd00:20::/32": [443], "10.9.8.7/32": [8080]})

    def test_guests_reach_a_proxy_only_if_there_is_one(self):
        egress = self.egress("hpa")
        self.assertEqual(len(egress), 3)
        self.assertEqual(egress[2]["ports"], [{"protocol": "TCP", "port": 3128}])
        without = self.egress("hpa", "--set", "config.egress.proxy=")
        self.assertNotIn("ports", without[2], "a destination at any port")

    def test_addresses_and_services_of_the_cluster_are_peers(self):
        self.assertEqual(self.egress("keda-prometheus")[1]["to"], [{"ipBlock": {"cidr": "10.1.2.3/32"}}])
        zero = self.egress("keda-to-zero")[1]
        self.assertEqual((zero["to"], zero["ports"][0]["port"]), ([{"ipBlock": {"cidr": "fd00::5/128"}}], 5433))
        databases = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "databases"}}}
        self.assertEqual(self.egress("tasker")[1]["to"], [databases])
        collector = self.rules(self.egress("everything"), 4317)[0]["to"]
        self.assertEqual(collector, [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}])

    def test_every_database_registry_and_mirror_has_its_port(self):
        everything = self.egress("everything")
        self.assertTrue(self.rules(everything, 6432) and self.rules(everything, 6433))
        self.assertEqual([sorted(each["port"] for each in rule["ports"]) for rule in self.rules(everything, 5000)], [[443, 5000, 8443]])
        self.assertEqual(len(self.egress("tasker")), 3)

    def test_metrics_may_be_read_by_the_monitoring_namespace_only(self):
        for name in ("minimal", "tasker"):
            ingress = only(rendered(name), "NetworkPolicy")["spec"]["ingress"]
            self.assertEqual(len(ingress), 1)
            self.assertEqual(ingress[0]["ports"], [{"protocol": "TCP", "port": "metrics"}])
            self.assertEqual(ingress[0]["from"][0]["namespaceSelector"]["matchLabels"], {"kubernetes.io/metadata.name": "monitoring"})

if __name__ == "__main__":
    unittest.main()
