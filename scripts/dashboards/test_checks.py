"""The checks find what they are for: each test spoils one thing of a dashboard or an alert that is as it should be."""

import copy
import unittest

import dashboard_checks
import rule_checks
from repository import Page, Rules, dashboards, documented, metrics_of, rules, runbook


class DashboardChecks(unittest.TestCase):
    def setUp(self):
        dashboard_checks.register_default_plugins()
        overview = next(page for page in dashboards() if page.name == "overview.json")
        self.page = Page(overview.name, copy.deepcopy(overview.content))
        self.panel = next(panel for panel in self.page.panels() if panel["type"] == "timeseries")

    def expect(self, part: str):
        found = dashboard_checks.problems([self.page])
        self.assertTrue(any(part in problem for problem in found), f"{part!r} is not in {found}")

    def test_a_good_one_has_no_problem(self):
        self.assertEqual([], dashboard_checks.problems([self.page]))

    def test_unknown_members_at_each_level(self):
        self.page.content["refreshh"] = "1m"
        self.panel["options"]["legende"] = {"x": 1}
        self.panel["fieldConfig"]["defaults"]["unitt"] = "s"
        self.panel["targets"][0]["legendFormatt"] = "x"
        for part in ("/refreshh is not known", "/options/legende", "/defaults/unitt", "/legendFormatt"):
            self.expect(part)

    def test_an_unknown_panel_type(self):
        self.panel["type"] = "timeserie"
        self.expect("unknown type timeserie")

    def test_an_unknown_unit(self):
        self.panel["fieldConfig"]["defaults"]["unit"] = "seconds"
        self.expect("has the unit seconds")

    def test_a_legend_that_goes_sideways(self):
        self.panel["options"]["legend"]["displayMode"] = "sideways"
        self.expect("displayMode sideways")

    def test_panels_on_top_of_each_other(self):
        self.panel["gridPos"] = dict(self.page.panels()[0]["gridPos"])
        self.expect("on top of each other")

    def test_a_panel_that_leaves_the_grid(self):
        self.panel["gridPos"]["x"] = 20
        self.expect("is not on the grid")

    def test_the_same_id_twice(self):
        self.panel["id"] = self.page.panels()[0]["id"]
        self.expect("same id")

    def test_no_description(self):
        self.panel["description"] = ""
        self.expect("has no description")

    def test_a_data_source_of_its_own(self):
        self.panel["targets"][0]["datasource"]["uid"] = "prometheus"
        self.expect("does not use the variable datasource")

    def test_a_metric_that_there_is_not(self):
        self.panel["targets"][0]["expr"] = "sum(wasm_broker_stepz_total)"
        self.expect("wasm_broker_stepz_total")

    def test_a_label_that_there_is_not(self):
        self.panel["targets"][0]["expr"] = 'sum by (outcome) (wasm_broker_steps_total{handle="x"})'
        self.expect("the label handle of wasm_broker_steps_total")

    def test_a_variable_that_there_is_not(self):
        self.panel["targets"][0]["expr"] = 'sum(wasm_broker_steps_total{handler=~"$handlers"})'
        self.expect("unknown variable $handlers")

    def test_durations_without_exemplars(self):
        for panel in self.page.panels():
            for target in panel["targets"]:
                target["exemplar"] = False
        self.expect("without exemplars")


class RuleChecks(unittest.TestCase):
    def setUp(self):
        self.rules = Rules(copy.deepcopy(rules().content))
        self.alert = self.rules.alerts()[0]

    def expect(self, part: str):
        found = rule_checks.problems(self.rules, dashboards())
        self.assertTrue(any(part in problem for problem in found), f"{part!r} is not in {found}")

    def test_good_ones_have_no_problem(self):
        self.assertEqual([], rule_checks.problems(self.rules, dashboards()))

    def test_an_alert_without_case_and_section(self):
        self.alert["alert"] = "WasmBrokerNew"
        for part in ("WasmBrokerNew: rules-test.yaml needs", "no section for it", "which is no alert"):
            self.expect(part)

    def test_a_group_of_which_the_cases_do_not_know_when_it_is_evaluated(self):
        self.rules.content["groups"].reverse()
        self.expect("group_eval_order has to be")

    def test_a_panel_that_shows_something_else(self):
        self.alert["annotations"]["dashboard_url"] = "/d/wasm-broker-egress?viewPanel=1"
        self.expect("shows none of its metrics")

    def test_a_panel_that_there_is_not(self):
        self.alert["annotations"]["dashboard_url"] = "/d/wasm-broker-egress?viewPanel=99"
        self.expect("is no panel")

    def test_a_severity_that_nobody_routes(self):
        self.alert["labels"]["severity"] = "urgent"
        self.expect("severity is none of")

    def test_a_metric_that_there_is_not(self):
        self.alert["expr"] = "wasm_broker_downn == 1"
        self.expect("asks for wasm_broker_downn")


class Reading(unittest.TestCase):
    def test_metrics_of_a_query(self):
        expr = (
            'sum by (le, job) (rate(a_total{x="b_total{"}[5m])) / on (job) group_left () max(c:d:e) > 0.5'
            " and on (job, instance) last_over_time(f[1h]) unless g offset 5m"
        )
        self.assertEqual({"a_total", "c:d:e", "f", "g"}, metrics_of(expr) - {"m"})

    def test_what_is_recorded_leads_to_its_metrics(self):
        found = rules().metrics("job_handler:wasm_broker_steps_failed:ratio_rate5m > 1")
        self.assertEqual({"wasm_broker_steps_total"}, found)

    def test_the_documents_are_read(self):
        self.assertIn("handler", documented()["wasm_broker_step_execution_seconds_bucket"])
        self.assertIn("WasmBrokerDown", runbook())


if __name__ == "__main__":
    unittest.main()
