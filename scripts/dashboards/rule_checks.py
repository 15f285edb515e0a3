"""Every alert has what a person who is woken by it needs, and a case that shows when it fires."""

import re

from repository import OWN, Page, Rules, documented, expressions, metrics_of, rule_test_order, rule_tests, runbook

SEVERITIES = {"critical", "warning", "info"}
ANNOTATIONS = {"summary", "description", "runbook_url", "dashboard_url"}
PARTS = ("**What it means.**", "**Look at**", "**Do**")
EVERYWHERE = {"up", "process_start_time_seconds", "ALERTS"}


def problems(rules: Rules, pages: list[Page]) -> list[str]:
    found = []
    sections = runbook()
    known = documented()
    names = [alert["alert"] for alert in rules.alerts()]
    cases = {name: {"fires": 0, "quiet": 0} for name in names}
    for test in rule_tests():
        for case in test.get("alert_rule_test", []):
            kind = "fires" if case.get("exp_alerts") else "quiet"
            cases.setdefault(case["alertname"], {"fires": 0, "quiet": 0})[kind] += 1
    for alert in rules.alerts():
        name = alert["alert"]
        found += [f"{name}: {problem}" for problem in of_alert(alert, rules, pages, known)]
        found += [f"{name}: {problem}" for problem in of_section(sections.get(name))]
        if not cases[name]["fires"] or not cases[name]["quiet"]:
            found.append(f"{name}: rules-test.yaml needs a case in which it fires and one in which it does not")
    for name in sorted(set(sections) - set(names)):
        found.append(f"docs/operations.md has a section for {name}, which is no alert")
    for name in sorted(set(cases) - set(names)):
        found.append(f"rules-test.yaml has a case for {name}, which is no alert")
    order = rule_test_order()
    if order != rules.groups():
        # Without an order promtool takes the groups in any, and an alert sees what is recorded now or one round late.
        found.append(f"rules-test.yaml: group_eval_order has to be {rules.groups()}")
    if len(set(names)) != len(names):
        found.append("two alerts have the same name")
    for record, expr in rules.recorded().items():
        found += [f"{record}: {problem}" for problem in of_metrics(expr, rules, known)]
    for page in pages:
        for panel in page.panels():
            for name in set(re.findall(r"WasmBroker[A-Z]\w+", panel.get("description", ""))) - set(names):
                found.append(f"{page.name}, panel {panel['id']}: names {name}, which is no alert")
    return found


def of_alert(alert: dict, rules: Rules, pages: list[Page], known: dict):
    if not re.fullmatch(r"WasmBroker[A-Z][A-Za-z]+", alert["alert"]):
        yield "its name does not begin with WasmBroker"
    if alert.get("labels", {}).get("severity") not in SEVERITIES:
        yield f"its severity is none of {sorted(SEVERITIES)}"
    annotations = alert.get("annotations", {})
    if set(annotations) != ANNOTATIONS:
        yield f"its annotations are not exactly {sorted(ANNOTATIONS)}"
        return
    if annotations["runbook_url"] != f"docs/operations.md#{alert['alert'].lower()}":
        yield f"its runbook_url is {annotations['runbook_url']}"
    yield from of_metrics(alert["expr"], rules, known)
    link = re.fullmatch(r"/d/([\w-]+)\?viewPanel=(\d+)", annotations["dashboard_url"])
    page = next((page for page in pages if link and page.content.get("uid") == link[1]), None)
    panel = page.panel(int(link[2])) if page and link else None
    if panel is None:
        yield f"its dashboard_url is no panel: {annotations['dashboard_url']}"
        return
    shown = set().union(*(metrics_of(expr) for expr in expressions(panel)))
    if not shown & rules.metrics(alert["expr"]):
        yield f"the panel '{panel['title']}' that it links to shows none of its metrics"
    if alert["alert"] not in panel.get("description", ""):
        yield f"the panel '{panel['title']}' that it links to does not name it"


def of_metrics(expr: str, rules: Rules, known: dict):
    for name in rules.metrics(expr) - EVERYWHERE:
        if not OWN.match(name) or name not in known:
            yield f"asks for {name}, which docs/metrics.md does not have"


def of_section(section: str | None):
    if section is None:
        yield "docs/operations.md has no section for it below Runbook"
        return
    for part in PARTS:
        if part not in section:
            yield f"its section in docs/operations.md lacks {part}"
