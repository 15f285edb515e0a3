"""The files that are checked, and what is read from them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

try:
    import yaml
except ImportError:
    raise SystemExit("PyYAML is missing; `make dashboards` installs it") from None

ROOT = Path(__file__).resolve().parents[2]
OWN = re.compile(r"^(wasm_broker_|tasker_worker_)")

# Names in a query that are no metrics.
WORDS = {
    "and", "or", "unless", "on", "ignoring", "group_left", "group_right", "by", "without", "offset", "bool", "inf", "nan",
    "sum", "min", "max", "avg", "count", "topk", "bottomk", "quantile",
}  # fmt: skip
GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
NAME = re.compile(r"(?<![\w:$.])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])")


def metrics_of(expr: str) -> set[str]:
    """The metrics that a query selects."""
    bare = re.sub(r'"[^"]*"', "", expr)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    bare = re.sub(r"\[[^\]]*\]", "", bare)
    bare = GROUPING.sub(" ", bare)
    return {name for name in NAME.findall(bare) if name not in WORDS}


@dataclass(frozen=True)
class Page:
    """One dashboard."""

    name: str
    content: dict

    def panels(self) -> list[dict]:
        return [panel for panel in self.content.get("panels", []) if panel.get("type") != "row"]

    def panel(self, number: int) -> dict | None:
        return next((panel for panel in self.panels() if panel.get("id") == number), None)


def expressions(panel: dict) -> list[str]:
    return [target.get("expr", "") for target in panel.get("targets", [])]


def dashboards() -> list[Page]:
    files = sorted((ROOT / "deploy" / "grafana").glob("*.json"))
    if not files:
        raise SystemExit("deploy/grafana has no dashboards")
    return [Page(file.name, json.loads(file.read_text(encoding="utf-8"))) for file in files]


@dataclass(frozen=True)
class Rules:
    """Alerts and recording rules."""

    content: dict

    def groups(self) -> list[str]:
        return [group["name"] for group in self.content["groups"]]

    def all(self) -> list[dict]:
        return [rule for group in self.content["groups"] for rule in group["rules"]]

    def alerts(self) -> list[dict]:
        return [rule for rule in self.all() if "alert" in rule]

    def recorded(self) -> dict[str, str]:
        return {rule["record"]: rule["expr"] for rule in self.all() if "record" in rule}

    def metrics(self, expr: str) -> set[str]:
        """The metrics that a query needs in the end: what is recorded is replaced by what it is recorded from."""
        found = set()
        for name in metrics_of(expr):
            if ":" in name and name in self.recorded():
                found |= self.metrics(self.recorded()[name])
            else:
                found.add(name)
        return found


def rules() -> Rules:
    return Rules(yaml.safe_load((ROOT / "deploy/prometheus/rules.yaml").read_text(encoding="utf-8")))


def rule_cases() -> dict:
    return yaml.safe_load((ROOT / "deploy/prometheus/rules-test.yaml").read_text(encoding="utf-8"))


def rule_tests() -> list[dict]:
    return rule_cases()["tests"]


def rule_test_order() -> list[str]:
    return rule_cases().get("group_eval_order", [])


def runbook() -> dict[str, str]:
    """The sections below `## Runbook` of docs/operations.md."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    part = re.search(r"^## Runbook\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if part is None:
        return {}
    sections = re.split(r"^### (.+)\n", part.group(1), flags=re.M)
    return dict(zip(sections[1::2], sections[2::2]))


def documented() -> dict[str, set[str]]:
    """Every metric of docs/metrics.md with its labels."""
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = re.fullmatch(r"`([a-z][a-z0-9_]*)`", cells[0])
        if not line.startswith("|") or name is None or len(cells) < 3:
            continue
        histogram = cells[1] == "histogram"
        labels = set(re.findall(r"`([a-z_]+)`", " ".join(cells[1:3])))
        for suffix in ("_bucket", "_sum", "_count", "_max") if histogram else ("",):
            found.setdefault(name.group(1) + suffix, set()).update(labels, {"le"} if suffix == "_bucket" else set())
    return found
