"""The recorded cases: catalog/kit/jq-cases."""

import json
import pathlib

import suite
import workers

FOLDER = pathlib.Path(__file__).parent.parent / "catalog" / "kit" / "jq-cases"


def read() -> list[suite.Case]:
    """All recorded cases, with jq's answer as it was recorded."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            recorded = case["jq"] if "jq" in case else case["expect"]
            found.append(suite.Case(path.name, f"{path.name}: {case['name']}", case["filter"], case["input"], recorded=recorded))
    return found


def record(ours: workers.Worker, jq: workers.Worker) -> None:
    """Writes answers into the cases: jq's, and ours beside it in a case that is meant to differ (`differs`)."""
    for path in sorted(FOLDER.glob("*.json")):
        lines = []
        for case in json.loads(path.read_text(encoding="utf-8")):
            theirs = lasting(jq.answer(case["filter"], case["input"]))
            case.pop("jq", None)
            if "differs" in case:
                case["expect"] = lasting(ours.answer(case["filter"], case["input"]))
                case["jq"] = theirs
            else:
                case["expect"] = theirs
            lines.append(_line(case))
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    ours.close()
    jq.close()


def _line(case: dict) -> str:
    return "  {" + ",\n   ".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in case.items()) + "}"


def lasting(answer: dict) -> dict:
    """An answer without the words of a compiler."""
    return {"compile": True} if "compile" in answer else answer
