"""Compares the catalog's jq with jq itself: see `scripts/jq-agreement --help`."""

import argparse
import collections
import json
import pathlib
import random
import sys
import threading

import cases
import compare
import generate
import suite
import workers

HERE = pathlib.Path(__file__).parent
README = HERE.parent / "README.md"
BEGIN, END = "<!-- differences of jq: begin -->\n", "<!-- differences of jq: end -->\n"


def main() -> int:
    options = _options()
    table = compare.Table()
    if options.write_table or options.record:
        if options.write_table:
            README.write_text(_with_table(table), encoding="utf-8")
        if options.record:
            cases.record(workers.ours(options.program), workers.reference())
        return 0
    asked = []
    parts = options.parts or ["suite", "cases", "generated"]
    if "suite" in parts:
        asked += [case for path in sorted(workers.suite().glob("*.test")) for case in suite.read(path)]
    if "cases" in parts:
        asked += cases.read()
    if "generated" in parts:
        seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**9)
        print(f"generated programs: {options.count}, seed {seed}")
        asked += generate.cases(random.Random(seed), options.count)
    if options.only:
        asked = [case for case in asked if options.only in case.name]
    report = Report(options)
    run = [case for case in asked if case.left_out is None]
    ours, jq = _answers(run, workers.ours(options.program), workers.reference())
    for case, mine, theirs in zip(run, ours, jq):
        report.add(case, mine, theirs, table)
    for case in asked:
        if case.left_out is not None:
            report.left_out[case.left_out] += 1
    good = report.write(table)
    if README.read_text(encoding="utf-8") != _with_table(table):
        print("the table of differences in handlers-wasm/README.md is not that of differences.json: scripts/jq-agreement --write-table")
        good = False
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/jq-agreement", description=(
        f"Compares the catalog's jq with jq {workers.JQ} (the Python package {workers.PACKAGE} {workers.VERSION}): results, errors and "
        "their messages, on jq's own test suite, on the recorded cases, and on generated programs. Ends with 1 when they differ in "
        "what the table in handlers-wasm/README.md does not name."))
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", metavar="PART", help="suite, cases or generated; all three by default")
    parser.add_argument("--count", type=int, default=5000, help="how many programs are generated (5000)")
    parser.add_argument("--seed", type=int, help="generates the programs of that seed; random by default")
    parser.add_argument("--only", metavar="TEXT", help="only cases whose name contains this")
    parser.add_argument("--show", type=int, default=50, help="how many differences are shown (50)")
    parser.add_argument("--report", metavar="FILE", help="writes all differences to a file, as lines of JSON")
    parser.add_argument("--record", action="store_true", help="writes jq's answers into the recorded cases, and runs nothing else")
    parser.add_argument("--write-table", action="store_true", help="writes the table of differences into handlers-wasm/README.md")
    options = parser.parse_args()
    for part in options.parts:
        if part not in ("suite", "cases", "generated"):
            parser.error(f"unknown part '{part}': one of suite, cases, generated")
    return options


def _answers(asked: list[suite.Case], *programs: workers.Worker) -> list[list[dict]]:
    """The answers of all programs, which run beside each other."""
    answers = [[] for _ in programs]

    def ask(worker: workers.Worker, into: list[dict]) -> None:
        for case in asked:
            into.append(worker.answer(case.filter, case.input))
        worker.close()

    threads = [threading.Thread(target=ask, args=pair) for pair in zip(programs, answers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if any(len(given) != len(asked) for given in answers):
        raise workers.Unavailable("a program could not be asked; see above")
    return answers


class Report:
    """What was compared, and what differs."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.files = collections.defaultdict(collections.Counter)
        self.left_out = collections.Counter()
        self.differences = []
        self.stale = []

    def add(self, case: suite.Case, ours: dict, jq: dict, table: compare.Table) -> None:
        counts = self.files[case.file]
        counts["compared"] += 1
        found = compare.kind(ours, jq)
        if found is None and case.expected is not None and not compare.same_values(case.expected, ours):
            # The suite expects what its own runner provides, and the package does not.
            counts["as the package, not as the suite"] += 1
        if case.recorded is not None and case.recorded != cases.lasting(jq):
            self.stale.append((case, jq))
        if found is None:
            counts["agree"] += 1
            return
        meant = table.meant(found, case.filter, case.input, ours, jq)
        counts["meant" if meant else found] += 1
        entry = {"case": case.name, "kind": found, "meant": meant, "filter": case.filter, "input": case.input, "jq": jq, "ours": ours}
        self.differences.append(entry)

    def write(self, table: compare.Table) -> bool:
        """Prints the report; gives whether all is as it should be."""
        if self.options.report:
            with open(self.options.report, "w", encoding="utf-8") as file:
                for entry in self.differences:
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        open_differences = [entry for entry in self.differences if entry["meant"] is None]
        for entry in open_differences[: self.options.show]:
            print(f"\n{entry['case']}: {compare.KINDS[entry['kind']]}")
            print(f"  filter  {entry['filter']}\n  input   {_short(entry['input'])}")
            print(f"  jq      {_shown(entry['jq'])}\n  here    {_shown(entry['ours'])}")
        for case, jq in self.stale[: self.options.show]:
            print(f"\n{case.name}: jq's answer is not the recorded one\n  recorded {_shown(case.recorded)}\n  jq       {_shown(jq)}")
        print()
        for file, counts in sorted(self.files.items()):
            agree, compared = counts["agree"] + counts["meant"], counts["compared"]
            others = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if name not in ("agree", "compared"))
            print(f"{file:24} {agree:6} of {compared:6} ({100 * agree / compared:6.2f} %)  {others}")
        for reason, count in sorted(self.left_out.items()):
            print(f"left out: {count}, {reason}")
        for name, count in table.used.items():
            if count:
                print(f"meant: {count}, {name}")
        if len(open_differences) > self.options.show:
            print(f"{len(open_differences)} differences, of which {self.options.show} are shown")
        return not open_differences and not self.stale


def _shown(answer: dict) -> str:
    parts = list(answer.get("out", []))
    if "err" in answer:
        parts.append(f"error {answer['err']}")
    if "compile" in answer:
        parts.append(f"does not compile: {answer['compile']}".split("\n")[0])
    if "ended" in answer:
        parts.append(f"ended: {answer['ended']}")
    return _short(", ".join(parts)) or "nothing"


def _short(text: str) -> str:
    return text if len(text) <= 400 else f"{text[:400]}… ({len(text)} characters)"


def _with_table(table: compare.Table) -> str:
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table.markdown()}{END}{after}" if rest else text


if __name__ == "__main__":
    try:
        sys.exit(main())
    except workers.Unavailable as cause:
        sys.exit(f"jq-agreement: {cause}")
