"""Compares two answers to one question, and knows the differences that are meant."""

import json
import math
import pathlib
import re
from decimal import Decimal

TABLE = pathlib.Path(__file__).with_name("differences.json")

KINDS = {
    "silent": "both give results, but other ones",
    "result": "one gives a result, the other an error",
    "compile": "only one compiles the filter",
    "order": "the same members in another order",
    "spelling": "the same numbers, written in another way",
    "message": "both fail, with other messages",
    "ended": "one ended",
}
"""How two answers can differ, and what that means."""


def kind(ours: dict, jq: dict) -> str | None:
    """How two answers differ, or None if they do not."""
    if "ended" in ours or "ended" in jq:
        return None if "ended" in ours and "ended" in jq else "ended"
    if "compile" in ours or "compile" in jq:
        return None if "compile" in ours and "compile" in jq else "compile"
    if ("err" in ours) != ("err" in jq):
        return "result"
    if ours["out"] != jq["out"]:
        if len(ours["out"]) != len(jq["out"]):
            return "silent"
        mine, theirs = _values(ours["out"]), _values(jq["out"])
        if mine != theirs:
            return "silent"
        return "order" if _spelled(ours["out"], True) == _spelled(jq["out"], True) else "spelling"
    return "message" if ours.get("err") != jq.get("err") else None


def same_values(expected: list[str], answer: dict) -> bool:
    """Whether an answer is these values, however their numbers are written."""
    return "out" in answer and "err" not in answer and _values(expected) == _values(answer["out"])


def _values(texts: list[str]):
    return [_value(text) for text in texts]


def _value(text: str):
    try:
        return _typed(json.loads(text, parse_int=float, parse_float=float, parse_constant=lambda _: None))
    except (ValueError, RecursionError):
        # Not JSON, or nested too deep for Python.
        return text


def _typed(value):
    """The value, so that true and 1 differ."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, float):
        # jq writes the largest number for an infinite one.
        return math.copysign(1.7976931348623157e308, value) if math.isinf(value) else value
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    return value


def _spelled(texts: list[str], sort: bool):
    keep = lambda text: ["number", text]
    return [json.dumps(json.loads(text, parse_int=keep, parse_float=keep, parse_constant=keep), sort_keys=sort) for text in texts]


# --- differences that are meant -----------------------------------------------------------------------------------------


class Table:
    """The differences that are meant, from differences.json."""

    def __init__(self):
        self.entries = json.loads(TABLE.read_text(encoding="utf-8"))
        self.used = dict.fromkeys((entry["name"] for entry in self.entries), 0)

    def meant(self, kind: str, filter: str, text: str, ours: dict, jq: dict) -> str | None:
        """The name of the entry that covers a difference, if there is one."""
        for entry in self.entries:
            if any(_covers(rule, kind, filter, text, ours, jq) for rule in entry["rules"]):
                self.used[entry["name"]] += 1
                return entry["name"]
        return None

    def markdown(self) -> str:
        """The table for people."""
        rows = ["| | jq " + "1.8" + " | here | why |", "|---|---|---|---|"]
        rows += [f"| {e['name']} | {e['jq']} | {e['here']} | {e['why']} |" for e in self.entries]
        return "\n".join(rows) + "\n"


def _covers(rule: dict, kind: str, filter: str, text: str, ours: dict, jq: dict) -> bool:
    """Whether all conditions of a rule hold."""
    return (
        kind in rule.get("kinds", [kind])
        and ("filter" not in rule or re.search(rule["filter"], filter) is not None)
        and ("input" not in rule or re.search(rule["input"], text) is not None)
        and ("ours" not in rule or re.search(rule["ours"], _text(ours)) is not None)
        and ("theirs" not in rule or re.search(rule["theirs"], _text(jq)) is not None)
        and ("when" not in rule or RULES[rule["when"]](filter + text, ours, jq))
    )


def _text(answer: dict) -> str:
    """An answer as text: outputs, and what ended it."""
    lines = list(answer.get("out", []))
    for name in ("err", "compile", "ended"):
        if name in answer:
            lines.append(f"{name}: {answer[name]}")
    return "\n".join(lines)


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def _same_but_for(ours: dict, jq: dict, close) -> bool:
    """Whether the answers are the same but for numbers that are close to each other."""
    mine, theirs = _text(ours), _text(jq)
    return NUMBER.sub("#", mine) == NUMBER.sub("#", theirs) and all(
        left == right or close(float(left), float(right)) for left, right in zip(NUMBER.findall(mine), NUMBER.findall(theirs)))


def _same_when_rounded(question: str, ours: dict, jq: dict) -> bool:
    """Whether only the last digits of numbers beyond 2^53 differ, which a double does not keep."""
    return _same_but_for(ours, jq, lambda left, right: min(abs(left), abs(right)) >= 2**52 and math.isclose(left, right, rel_tol=1e-15))


def _same_but_for_last_digits(question: str, ours: dict, jq: dict) -> bool:
    """Whether numbers differ by what functions of different libraries do."""
    return _same_but_for(ours, jq, lambda left, right: math.isclose(left, right, rel_tol=1e-14, abs_tol=1e-300))


def _beyond_ascii(question: str, ours: dict, jq: dict) -> bool:
    """Whether there is a character beyond ASCII."""
    return not (question + _text(jq)).isascii()


def _canonical(match: re.Match) -> str:
    number = Decimal(match[0])
    return f"{number:E}" if number.is_finite() else match[0]


def _same_when_canonical(question: str, ours: dict, jq: dict) -> bool:
    """Whether the answers are the same after each number is written in one way, with all of its digits."""
    return NUMBER.sub(_canonical, _text(ours)) == NUMBER.sub(_canonical, _text(jq))


RULES = {
    "the same when large integers are rounded": _same_when_rounded,
    "the same numbers with other exponents": _same_when_canonical,
    "the same but for the last digits": _same_but_for_last_digits,
    "text beyond ASCII": _beyond_ascii,
}
"""Conditions on two answers that a regular expression cannot state."""
