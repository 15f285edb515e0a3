"""What all dashboards have in common: how a panel looks, its variables, links and place on the grid.

A dashboard is a list of rows, and a row a list of panels. A panel has a number of its own, which alerts link to and which
never changes; its place follows from its position in the row.
"""

from dataclasses import dataclass, field

from grafana_foundation_sdk.builders import common, dashboard, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmap_models
from grafana_foundation_sdk.models import prometheus as prometheus_models

SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG = "wasm-broker"

# Counters exist with 0 before their first event. What never happened in the time that is shown is not worth a line of
# the legend.
NEVER_MORE_THAN_ZERO = models.MatcherConfig(
    id_val="byValue", options={"op": "gte", "reducer": "allIsZero", "value": 0}
)
HIDDEN = {"legend": True, "tooltip": True, "viz": False}

# What every selector filters by. A label that a scrape does not add is empty, which `.*` matches.
TARGET = 'namespace=~"$namespace",job=~"$job",instance=~"$instance"'
HANDLER = TARGET + ',handler=~"$handler"'
RATE = "$__rate_interval"


def rate(metric: str, labels: str = "", selector: str = TARGET) -> str:
    """The rate of a counter, per series."""
    return f"rate({metric}{{{selector}{',' + labels if labels else ''}}}[{RATE}])"


def quantile(q: str, metric: str, by: str = "", selector: str = TARGET) -> str:
    """A quantile of a histogram, by some labels."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({metric}_bucket{{{selector}}}[{RATE}])))"


def gauge(metric: str, labels: str = "", selector: str = TARGET) -> str:
    return f"{metric}{{{selector}{',' + labels if labels else ''}}}"


@dataclass(frozen=True)
class Query:
    expr: str
    legend: str
    exemplars: bool = False


@dataclass(frozen=True)
class Panel:
    """One panel; `steps` are thresholds as (from, colour), the first from the start."""

    number: int
    title: str
    description: str
    unit: str
    queries: list[Query]
    kind: str = "lines"
    width: int = 8
    height: int = 8
    steps: list[tuple[float, str]] = field(default_factory=list)
    least: float | None = 0
    most: float | None = None
    stacked: bool = False
    logarithmic: bool = False
    decimals: int | None = None
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row is named by the question that its panels answer."""

    title: str
    panels: list[Panel]


def latency(number: int, title: str, description: str, metric: str, by: str, **more) -> Panel:
    """Median and 99th percentile of a histogram, with links from its dots to traces."""
    selector = HANDLER if by == "handler" else TARGET
    name = f"{{{{{by}}}}} " if by else ""
    return Panel(
        number,
        title,
        description,
        "s",
        [
            Query(quantile(q, metric, by, selector), f"{name}{label}", exemplars=True)
            for q, label in (("0.5", "median"), ("0.99", "99 %"))
        ],
        least=None,
        logarithmic=True,
        **more,
    )


def thresholds(steps: list[tuple[float, str]]) -> dashboard.ThresholdsConfig:
    all_steps = [models.Threshold(value=None, color="green")]
    all_steps += [models.Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(all_steps)


def target(panel: Panel, query: Query, ref: str) -> prometheus.Dataquery:
    built = (
        prometheus.Dataquery()
        .ref_id(ref)
        .datasource(SOURCE)
        .expr(query.expr)
        .editor_mode(prometheus_models.QueryEditorMode.CODE)
    )
    if panel.kind == "table":
        return built.instant().format(prometheus_models.PromQueryFormat.TABLE).legend_format("__auto")
    if panel.kind == "heatmap":
        return built.range().format(prometheus_models.PromQueryFormat.HEATMAP).legend_format(query.legend)
    if panel.kind == "stat":
        return built.instant().legend_format(query.legend)
    return built.range().exemplar(query.exemplars).legend_format(query.legend)


def lines(panel: Panel) -> timeseries.Panel:
    built = (
        timeseries.Panel()
        .line_width(1)
        .fill_opacity(20 if panel.stacked else 5)
        .show_points(common_models.VisibilityMode.NEVER)
        .span_nulls(False)
        .legend(
            common.VizLegendOptions()
            .display_mode(common_models.LegendDisplayMode.TABLE)
            .placement(common_models.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(common_models.TooltipDisplayMode.MULTI)
            .sort(common_models.SortOrder.DESCENDING)
        )
    )
    if panel.unit in ("cps", "reqps"):
        built.with_override(NEVER_MORE_THAN_ZERO, [models.DynamicConfigValue(id_val="custom.hideFrom", value=HIDDEN)])
    if panel.logarithmic:
        built.scale_distribution(
            common.ScaleDistributionConfig().type(common_models.ScaleDistribution.LOG).log(10)
        )
    if panel.stacked:
        built.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL).group("A"))
    if panel.steps:
        built.thresholds(thresholds(panel.steps))
        built.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(common_models.GraphTresholdsStyleMode.DASHED)
        )
    return built


def number(panel: Panel) -> stat.Panel:
    return (
        stat.Panel()
        .thresholds(thresholds(panel.steps))
        .color_mode(common_models.BigValueColorMode.VALUE)
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    )


def rows_of(panel: Panel) -> table.Panel:
    """A row for each series; the values of all queries are columns, named by the queries' legends."""
    built = table.Panel().show_header(True)
    values = ["Value"]
    if len(panel.queries) > 1:
        built.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
        values = [f"Value #{chr(ord('A') + position)}" for position in range(len(panel.queries))]
    names = {value: query.legend for value, query in zip(values, panel.queries) if query.legend}
    hidden = {name: True for name in ("Time", *panel.hidden)}
    return built.with_transformation(
        models.DataTransformerConfig(id_val="organize", options={"excludeByName": hidden, "renameByName": names})
    )


def distribution(panel: Panel) -> heatmap.Panel:
    return (
        heatmap.Panel()
        .calculate(False)
        .color(
            heatmap.HeatmapColorOptions()
            .mode(heatmap_models.HeatmapColorMode.SCHEME)
            .scheme("Blues")
            .steps(64)
            .exponent(0.5)
        )
        .y_axis(heatmap.YAxisConfig().unit(panel.unit))
        .show_legend()
    )


KINDS = {"lines": lines, "stat": number, "table": rows_of, "heatmap": distribution}


def build_panel(panel: Panel, x: int, y: int):
    built = (
        KINDS[panel.kind](panel)
        .id(panel.number)
        .title(panel.title)
        .description(panel.description)
        .datasource(SOURCE)
        .unit(panel.unit)
        .grid_pos(models.GridPos(h=panel.height, w=panel.width, x=x, y=y))
    )
    if panel.least is not None and panel.kind == "lines":
        built.min(panel.least)
    if panel.most is not None:
        built.max(panel.most)
    if panel.decimals is not None:
        built.decimals(panel.decimals)
    for position, query in enumerate(panel.queries):
        built.with_target(target(panel, query, chr(ord("A") + position)))
    return built


def choice(name: str, label: str, metric: str, filters: str = "") -> dashboard.QueryVariable:
    """A variable whose values are those of a label; `All` also matches series without it."""
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query({"query": f"label_values({metric}{'{' + filters + '}' if filters else ''}, {name})", "refId": name})
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(models.VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def build(uid: str, title: str, description: str, rows: list[Row], handlers: bool = False) -> models.Dashboard:
    built = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .editable()
        .timezone(common_models.TimeZoneBrowser)
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .time("now-1h", "now")
        .refresh("30s")
        .link(
            dashboard.DashboardLink("Dashboards of the broker")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)
            .keep_time(True)
            .include_vars(True)
        )
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(choice("namespace", "Namespace", "wasm_broker_build_info"))
        .with_variable(choice("job", "Job", "wasm_broker_build_info", 'namespace=~"$namespace"'))
        .with_variable(choice("instance", "Instance", "wasm_broker_build_info", 'namespace=~"$namespace",job=~"$job"'))
    )
    if handlers:
        built.with_variable(choice("handler", "Handler", "wasm_broker_step_execution_seconds_count", TARGET))
    y = 0
    for index, row in enumerate(rows):
        built.with_row(
            dashboard.Row(row.title).id(900 + index).grid_pos(models.GridPos(h=1, w=24, x=0, y=y))
        )
        y += 1
        x = 0
        height = 0
        for panel in row.panels:
            if x + panel.width > 24:
                x, y, height = 0, y + height, 0
            built.with_panel(build_panel(panel, x, y))
            x += panel.width
            height = max(height, panel.height)
        y += height
    return built.build()
