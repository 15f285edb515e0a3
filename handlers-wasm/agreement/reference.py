"""Answers lines `{"filter": …, "input": …}` as jq does: see workers.Worker.answer."""

import json
import os
import sys

import jq

# Outputs are written by jq itself, so that numbers keep their text, and errors keep their values.
WRAPPED = "try ((%s\n) | {out: tojson}) catch {err: tojson}"


def compiled(filter):
    """The program for a filter; a ValueError has jq's message."""
    try:
        return jq.compile(WRAPPED % filter)
    except ValueError:
        # The message for the filter as it stands.
        return jq.compile(filter) and jq.compile(WRAPPED % (filter + "\n."))


def answer(filter, text):
    try:
        program = compiled(filter)
    except ValueError as cause:
        return {"compile": str(cause)}
    out = []
    try:
        for result in program.input_text(text):
            if "err" in result:
                return {"out": out, "err": result["err"]}
            out.append(result["out"])
    except ValueError as cause:
        # Not JSON, or an error that no filter can catch.
        return {"out": out, "err": json.dumps(str(cause))}
    return {"out": out}


def main():
    os.environ.clear()
    os.environ["TZ"] = "UTC"
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogatepass")
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(answer(question["filter"], question["input"])), flush=True)


if __name__ == "__main__":
    main()
