"""What a dashboard must be, beyond what the library's types say."""

import json
import re
from itertools import combinations

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from repository import OWN, Page, documented, expressions, metrics_of

TYPES = {"timeseries", "stat", "table", "heatmap"}
# Units by their names in Grafana: it shows an unknown one as text behind the number, and says nothing.
UNITS = {"none", "short", "s", "bytes", "percent", "percentunit", "cps", "reqps", "Bps", "dateTimeAsIso"}
LEGENDS = {"displayMode": {"list", "table", "hidden"}, "placement": {"bottom", "right"}}
CALCULATIONS = {"lastNotNull", "max", "min", "mean", "sum"}
COLOURS = {"green", "yellow", "red", "transparent"}
BUILT_IN = {"__rate_interval", "__interval", "__range"}


def problems(pages: list[Page]) -> list[str]:
    register_default_plugins()
    found = []
    known = documented()
    for page in pages:
        found += [f"{page.name}: {problem}" for problem in of_page(page)]
        for panel in page.panels():
            where = f"{page.name}, panel {panel.get('id')} '{panel.get('title')}'"
            found += [f"{where}: {problem}" for problem in of_panel(panel, variables(page), known)]
            found += [f"{where}: {problem}" for problem in of_metrics(panel, known)]
    for key in ("uid", "title"):
        values = [page.content.get(key) for page in pages]
        if len(set(values)) != len(values):
            found.append(f"two dashboards have the same {key}")
    return found


def variables(page: Page) -> set[str]:
    return {variable.get("name") for variable in page.content.get("templating", {}).get("list", [])}


def of_page(page: Page):
    content = page.content
    again = json.loads(JSONEncoder().encode(Dashboard.from_json(content)))
    yield from unknown_members(content, again, "")
    for key in ("uid", "title", "description", "refresh", "time", "schemaVersion"):
        if not content.get(key):
            yield f"has no {key}"
    if "wasm-broker" not in content.get("tags", []):
        yield "has no tag wasm-broker, by which the dashboards link to each other"
    missing = {"datasource", "namespace", "job", "instance"} - variables(page)
    if missing:
        yield f"lacks the variables {sorted(missing)}"
    numbers = [panel.get("id") for panel in content["panels"]]
    if len(set(numbers)) != len(numbers) or None in numbers:
        yield "has panels with the same id, or without one"
    titles = [panel.get("title") for panel in content["panels"]]
    if len(set(titles)) != len(titles):
        yield "has panels with the same title"
    for one, other in combinations(content["panels"], 2):
        if overlap(one["gridPos"], other["gridPos"]):
            yield f"has panels on top of each other: '{one['title']}' and '{other['title']}'"


def unknown_members(given, read, path: str):
    """What was given and is not there any more after reading and writing it: the types do not know it."""
    if isinstance(given, dict) and isinstance(read, dict):
        for key, value in given.items():
            if key not in read:
                if value not in (None, [], {}):
                    yield f"{path}/{key} is not known to the library"
            else:
                yield from unknown_members(value, read[key], f"{path}/{key}")
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for index, (one, other) in enumerate(zip(given, read)):
            yield from unknown_members(one, other, f"{path}/{index}")
    elif given != read:
        yield f"{path} is read as {read!r} instead of {given!r}"


def overlap(one: dict, other: dict) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def of_panel(panel: dict, names: set[str], known: dict[str, set[str]]):
    if panel.get("type") not in TYPES:
        yield f"has the unknown type {panel.get('type')}"
    for key in ("title", "description"):
        if not panel.get(key):
            yield f"has no {key}"
    place = panel.get("gridPos", {})
    if place.get("x", 0) + place.get("w", 99) > 24 or place.get("h", 0) < 1:
        yield f"is not on the grid: {place}"
    if panel.get("datasource", {}).get("uid") != "${datasource}":
        yield "does not use the variable datasource"
    yield from of_defaults(panel.get("fieldConfig", {}).get("defaults", {}))
    yield from of_options(panel)
    targets = panel.get("targets", [])
    if not targets:
        yield "has no query"
    if len({target.get("refId") for target in targets}) != len(targets):
        yield "has queries with the same refId"
    for target in targets:
        yield from of_target(panel, target, names, known)


def of_defaults(defaults: dict):
    if defaults.get("unit") not in UNITS:
        yield f"has the unit {defaults.get('unit')}, which is none of {sorted(UNITS)}"
    if "thresholds" in defaults:
        steps = defaults["thresholds"].get("steps", [])
        values = [step.get("value") for step in steps]
        if not steps or values[0] is not None or None in values[1:] or values[1:] != sorted(values[1:]):
            yield f"has thresholds that do not ascend from null: {values}"
        for step in steps:
            if step.get("color") not in COLOURS:
                yield f"has a threshold of the colour {step.get('color')}"


def of_options(panel: dict):
    legend = panel.get("options", {}).get("legend")
    if panel.get("type") != "timeseries":
        return
    if not legend:
        yield "has no legend"
        return
    for key, allowed in LEGENDS.items():
        if legend.get(key) not in allowed:
            yield f"has a legend with {key} {legend.get(key)}"
    if not set(legend.get("calcs", [])) <= CALCULATIONS:
        yield f"has a legend with unknown calculations: {legend.get('calcs')}"


def of_target(panel: dict, target: dict, names: set[str], known: dict[str, set[str]]):
    expr = target.get("expr", "")
    if not expr:
        yield "has a query without an expression"
    if target.get("datasource", {}).get("uid") != "${datasource}":
        yield "has a query that does not use the variable datasource"
    if panel.get("type") == "timeseries" and not target.get("legendFormat"):
        yield "has a query without a legend"
    for name in re.findall(r"\$\{?(\w+)", expr):
        if name not in names | BUILT_IN:
            yield f"uses the unknown variable ${name}"
    for name in re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")):
        labels = set().union(*(known.get(metric, set()) for metric in metrics_of(expr)))
        if name not in labels | {"instance", "job"}:
            yield f"has a legend with the label {name}, which its metrics do not have"
    if "histogram_quantile" in expr and panel.get("type") == "timeseries":
        if ("_step_" in expr or "_http_request_" in expr) and not target.get("exemplar"):
            yield "shows durations of steps without exemplars"


def of_metrics(panel: dict, known: dict[str, set[str]]):
    for expr in expressions(panel):
        for name in metrics_of(expr):
            if OWN.match(name) and name not in known:
                yield f"asks for {name}, which docs/metrics.md does not have"
        for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", expr):
            for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', '""', matchers)):
                if OWN.match(name) and label not in known.get(name, set()) | {"namespace", "job", "instance"}:
                    yield f"asks for the label {label} of {name}, which docs/metrics.md does not have"
