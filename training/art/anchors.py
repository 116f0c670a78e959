"""anchors.txt, read: where characters wear and hold things; what is worn, held, ridden and looked out of."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .things import TONES

HERE: Final = Path(__file__).resolve().parent
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Part:
    """A line of [worn], [held], [mounts] or [containers]: a drawing, and its numbers by their words in the file."""

    names: tuple[str, ...]
    code: str
    where: str = ""  # of worn things: head, eyes, neck or mouth
    at: Numbers = (0.5, 0.5)
    wide: float = 1.0
    high: float = 1.0
    sink: float = 0.0
    hides: float = 0.0
    turn: float = 0.0
    often: float = 1.0  # beside its like
    rim: Numbers = ()
    window: Numbers = ()
    round: Numbers = ()
    cut: Numbers = ()
    flags: frozenset[str] = frozenset()  # "behind", or what is done with it: "playing"

    @property
    def name(self) -> str:
        return self.names[0]


@cache
def characters() -> dict[str, dict[str, Numbers]]:
    """By plain code: "head" and so on to numbers; places and widths 0..1."""
    found = {}
    for codes, rest in _lines("characters"):
        spots = {}
        for spot in rest.split(" ; "):
            word, *numbers = spot.split()
            values = [float(n) for n in numbers]
            spots[word] = (*(v / 100 for v in values[:3]), *values[3:])
        found |= {plain(code): spots for code in codes.split()}
    return found


def spots(code: str) -> dict[str, Numbers]:
    """What is known of a drawing; nothing where it is no character."""
    return characters().get(plain(code), {})


def plain(code: str) -> str:
    """Without a skin tone and without fe0f: such drawings are laid out alike."""
    return "-".join(part for part in code.split("-") if part != "fe0f" and part not in TONES)


@cache
def parts(section: str) -> dict[str, Part]:
    return {names.split(", ")[0]: _part(names, rest) for names, rest in _lines(section)}


def by_lot(rng: random.Random, choices: Iterable[Part]) -> Part:
    """One of them, the common ones more often."""
    table = list(choices)
    return rng.choices(table, [part.often for part in table])[0]


def _part(names: str, rest: str) -> Part:
    words = rest.split()
    where = words.pop(0) if words[0] in ("head", "eyes", "neck", "mouth") else ""
    code, *words = words
    values: dict[str, list[float]] = {}
    flags, word = set(), ""
    for token in words:
        if token.lstrip("-").replace(".", "", 1).isdigit():
            values[word].append(float(token))
        elif token in ("at", "wide", "high", "sink", "hides", "turn", "often", "rim", "window", "round", "cut", "seat"):
            values[word := token] = []
        else:
            flags.add(token.replace("-", " "))
    percent = {key: tuple(v / 100 for v in values.get(key, ())) for key in ("rim", "window", "round", "cut")}
    single = {key: values[key][0] for key in ("wide", "high", "sink", "hides", "turn", "often") if key in values}
    at = tuple(v / 100 for v in values.get("at") or values.get("seat") or (50, 50))
    return Part(tuple(names.split(", ")), code, where, at, **single, **percent, flags=frozenset(flags))


def _lines(section: str) -> list[tuple[str, str]]:
    found, inside = [], False
    for line in (HERE / "anchors.txt").read_text().splitlines():
        if line.startswith("["):
            inside = line == f"[{section}]"
        elif inside and " = " in line and not line.startswith("#"):
            found.append(tuple(line.split(" = ", 1)))
    return found
