"""Makes programs and inputs as people write them, and some that they would not, from grammar.txt."""

import pathlib
import random
import re

import suite
import workers

GRAMMAR = pathlib.Path(__file__).with_name("grammar.txt")
PLACE = re.compile(r"‹([a-z.]+)›")
WEIGHTED = re.compile(r"(\d+)\* (.*)")
BOUND = {"$x": ".", "$y": '"a"', "$k": "0"}
"""What the variables of the grammar are when nothing else binds them."""

FROM_SUITE = 0.2
"""The share of programs that come from jq's suite and only meet other inputs."""


class Grammar:
    """The sections of grammar.txt: the alternatives and their weights."""

    def __init__(self):
        self.sections: dict[str, tuple[list[str], list[int]]] = {}
        parts = re.split(r"\n\n\[([a-z.]+)\]\n", GRAMMAR.read_text(encoding="utf-8").removesuffix("\n"))
        for name, lines in zip(parts[1::2], parts[2::2]):
            texts, weights = [], []
            for line in lines.split("\n"):
                weighted = WEIGHTED.fullmatch(line)
                texts.append(weighted[2] if weighted else line)
                weights.append(int(weighted[1]) if weighted else 1)
            self.sections[name] = texts, weights

    def make(self, rng: random.Random, name: str, depth: int) -> str:
        """A text of a section."""
        if depth <= 0 and f"{name}.leaf" in self.sections:
            name = f"{name}.leaf"
        texts, weights = self.sections[name]
        text = rng.choices(texts, weights)[0]
        return PLACE.sub(lambda place: self.make(rng, place[1], depth - 1), text)

    def program(self, rng: random.Random) -> str:
        """A whole program."""
        text = self.make(rng, "pipe", rng.choice([2, 3, 3, 4, 4, 5]))
        for name, value in BOUND.items():
            if name in text:
                text = f"{value} as {name} | {text}"
        return text


def cases(rng: random.Random, count: int) -> list[suite.Case]:
    """Programs with inputs."""
    grammar = Grammar()
    known = [case for path in sorted(workers.suite().glob("*.test")) for case in suite.read(path) if not case.left_out and not case.fails]
    made = []
    for number in range(count):
        document = grammar.make(rng, "document", 3)
        if rng.random() < FROM_SUITE:
            program = rng.choice(known).filter
            document = document if rng.random() < 0.6 else rng.choice(known).input
        else:
            program = grammar.program(rng)
        made.append(suite.Case("generated", f"generated {number}", program, document))
    return made
