"""Reads the files of jq's own test suite."""

import json
import pathlib
import re
from dataclasses import dataclass

MODULES = re.compile(r'\b(?:import|include)\s+"|^\s*module\b|\bmodulemeta\b|\bget_search_list\b|\w::\w')
"""A filter that uses modules."""


@dataclass
class Case:
    """A filter with an input, and what is expected if that is known."""

    file: str
    name: str
    filter: str
    input: str
    expected: list[str] | None = None
    fails: bool = False
    """Whether the filter is expected not to compile."""
    left_out: str | None = None
    """Why the case is not run."""
    recorded: dict | None = None
    """What jq answered when the case was recorded."""


def read(path: pathlib.Path) -> list[Case]:
    """The cases of a file: paragraphs of a filter, an input and any number of outputs; or `%%FAIL`, a filter, a message."""
    cases = []
    paragraph, start = [], 0
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate([*lines, ""], 1):
        if line.lstrip().startswith("#"):
            continue
        if line.strip():
            start = start if paragraph else number
            paragraph.append(line)
        elif paragraph:
            cases.append(_case(path.name, start, paragraph))
            paragraph = []
    return cases


def _case(file: str, number: int, lines: list[str]) -> Case:
    name = f"{file}:{number}"
    if lines[0].startswith("%%FAIL"):
        case = Case(file, name, lines[1], "null", fails=True)
    else:
        case = Case(file, name, lines[0], lines[1] if len(lines) > 1 else "null", expected=lines[2:])
    if MODULES.search(case.filter):
        case.left_out = "modules"
    elif not _is_json(case.input):
        case.left_out = "the input is no JSON"
    return case


def _is_json(text: str) -> bool:
    def refuse(constant):
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True
