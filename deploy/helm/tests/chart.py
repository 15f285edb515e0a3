"""What the tests of the chart share: rendering, and the files of the project that the chart has to agree with."""
import functools
import os
import pathlib
import re
import subprocess

import yaml

HOME = pathlib.Path(__file__).resolve().parents[3]
CHART = HOME / "deploy/helm/wasm-broker"
VALUES = pathlib.Path(__file__).with_name("values")
HELM = os.environ["HELM"]
SETS = sorted(path.stem for path in VALUES.glob("*.yaml"))
MIB = 1 << 20


def helm(*arguments):
    return subprocess.run([HELM, *map(str, arguments)], capture_output=True, text=True, check=False)


def template(name, *arguments, chart=CHART):
    """The process of `helm template` with a set of values."""
    return helm(
        "template", "release", chart, "--namespace", "steps", "--kube-version", "1.37.0", "--values", VALUES / f"{name}.yaml", *arguments
    )


@functools.cache
def rendered(name, *arguments):
    """The objects of a set of values."""
    process = template(name, *arguments)
    if process.returncode != 0:
        raise AssertionError(f"{name}: {process.stderr}")
    return [each for each in yaml.safe_load_all(process.stdout) if each]


def of_kind(objects, kind):
    return [each for each in objects if each["kind"] == kind]


def only(objects, kind, name=None):
    found = [each for each in of_kind(objects, kind) if name is None or each["metadata"]["name"].endswith(name)]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} objects {kind} {name or ''}")
    return found[0]


def pods(objects):
    """The specification of every pod, with its name."""
    for each in objects:
        if each["kind"] == "Deployment":
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]
        elif each["kind"] == "Pod":
            yield each["metadata"]["name"], each["spec"]


def config(objects):
    return yaml.safe_load(only(objects, "ConfigMap", "-config")["data"]["config.yaml"])


def values(name):
    """The values of a set over the defaults."""
    return merged(yaml.safe_load((CHART / "values.yaml").read_text()), yaml.safe_load((VALUES / f"{name}.yaml").read_text()))


def merged(below, above):
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {key: merged(below[key], above[key]) if key in below and key in above else above.get(key, below.get(key)) for key in {**below, **above}}


def setting(values_config, key, default=None):
    at = values_config
    for part in key.split("."):
        if not isinstance(at, dict) or part not in at:
            return default
        at = at[part]
    return at


def size(text):
    """Bytes of a size of the broker, or of a quantity of Kubernetes."""
    units = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "M": 10**6, "G": 10**9}
    number, unit = re.fullmatch(r"([0-9]+)([A-Za-z]*)", str(text)).groups()
    return int(number) * units[unit]


def seconds(text):
    """Seconds of a duration of the broker."""
    if iso := re.fullmatch(r"PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?", text):
        hours, minutes, rest = (int(part or 0) for part in iso.groups())
        return 3600 * hours + 60 * minutes + rest
    number, unit = re.fullmatch(r"([0-9]+)(us|ms|s|m|h|d)", text).groups()
    return int(number) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}[unit]


def walk(value, path=""):
    """Every member of a document, with its path."""
    yield path, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from walk(each, f"{path}/{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from walk(each, f"{path}/{index}")
