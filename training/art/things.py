"""The things that the model paints: things.txt, read. Names, plurals, drawings, where each stands, its size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

HERE = Path(__file__).resolve().parent
#: Unicode's modifiers, lightest first, with the words for them.
TONES: Final = {
    "1f3fb": "light", "1f3fc": "medium-light", "1f3fd": "medium", "1f3fe": "medium-dark", "1f3ff": "dark",
}  # fmt: skip
IRREGULAR: Final = {
    "mouse": "mice", "goose": "geese", "sheep": "sheep", "deer": "deer", "moose": "moose", "fish": "fish", "ox": "oxen",
    "wolf": "wolves", "leaf": "leaves", "knife": "knives", "scarf": "scarves", "elf": "elves", "loaf": "loaves",
    "man": "men", "woman": "women", "person": "people", "child": "children", "foot": "feet", "tooth": "teeth",
    "die": "dice", "bison": "bison", "octopus": "octopuses", "dynamo": "dynamos", "potato": "potatoes",
    "tomato": "tomatoes", "hero": "heroes", "volcano": "volcanoes", "mango": "mangoes", "tornado": "tornadoes",
    "policeman": "policemen", "fireman": "firemen", "spaceman": "spacemen", "snowman": "snowmen", "merman": "mermen",
    "aircraft": "aircraft", "squid": "squid", "shrimp": "shrimp", "sushi": "sushi", "bus": "buses", "box": "boxes",
    "torch": "torches", "cactus": "cacti", "dwarf": "dwarves", "calf": "calves", "hippopotamus": "hippos",
}  # fmt: skip
#: Names that are already plural, or that have none.
UNCOUNTABLE: Final = frozenset((
    "bacon", "bread", "butter", "chocolate", "coffee", "corn", "fire", "garlic", "honey", "lightning", "milk",
    "money", "noodles", "popcorn", "rice", "salad", "salt", "sake", "spaghetti", "soap", "stew", "sushi", "wheat",
    "yarn", "ice", "lettuce", "lavender", "coral", "meat", "dna", "poop", "poo", "boba", "fondue", "ramen",
))  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """One picture of a thing in the main set: its code point or `own:name`, and what of a person it shows."""

    code: str
    sex: str = ""  # "man", "woman" or nothing
    tone: str = ""  # "light" to "dark", or nothing


@dataclass(frozen=True)
class Thing:
    names: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    section: str
    where: str  # ground, air, water or sky
    size: float  # beside other things; 1 is a dog

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def plural_only(self) -> bool:
        """Whether one of it already looks like several, or cannot be counted: it is never asked for by number."""
        last = self.name.split(" of ")[0].split()[-1]
        return last in UNCOUNTABLE or (last.endswith("s") and not last.endswith(("ss", "us", "is")))


@cache
def things() -> tuple[Thing, ...]:
    """All of things.txt, in its order."""
    found, section, where, size = [], "", "", 1.0
    for line in (HERE / "things.txt").read_text().splitlines():
        if heading := re.fullmatch(r"\[(.+): (\w+) ([\d.]+)\]", line):
            section, where, size = heading[1], heading[2], float(heading[3])
        elif line and not line.startswith("#"):
            names, _, rest = line.partition(" = ")
            drawn, _, own = rest.partition(" ; ")
            places = [word for word in own.split() if word[0].isalpha()]
            sizes = [float(word) for word in own.split() if not word[0].isalpha()]
            drawings = tuple(drawing for word in drawn.split() for drawing in _drawings(word))
            found.append(Thing(tuple(names.split(", ")), drawings, section, (*places, where)[0], (*sizes, size)[0]))
    return tuple(found)


@cache
def by_name() -> dict[str, Thing]:
    return {thing.name: thing for thing in things()}


def _drawings(word: str) -> list[Drawing]:
    """`m:1f468-200d-1f692*` is a man in his own colour and in five tones."""
    sex = {"m": "man", "w": "woman"}.get(word[0], "") if word[1] == ":" else ""
    code = word.removeprefix(f"{word[0]}:") if sex else word
    if not code.endswith("*"):
        return [Drawing(code, sex)]
    code = code[:-1]
    first, *rest = code.removesuffix("-fe0f").split("-") if code.count("-") < 2 else code.split("-")
    rest = [part for part in rest if part != "fe0f"] if code.count("-") < 2 else rest
    toned = ["-".join((first, tone, *[part for at, part in enumerate(rest) if at or part != "fe0f"])) for tone in TONES]
    return [Drawing(code, sex), *(Drawing(c, sex, tone) for c, tone in zip(toned, TONES.values(), strict=True))]


def plural(name: str) -> str:
    """Of a name: of its head where it has an "of", "with", "in" or "and"."""
    for link in (" of ", " with ", " in ", " on ", " behind ", " and "):
        if link in name:
            head, _, rest = name.partition(link)
            return f"{plural(head)}{link}{rest}"
    *before, last = name.split(" ")
    return " ".join((*before, _plural_word(last)))


def _plural_word(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in UNCOUNTABLE or (word.endswith("s") and not word.endswith(("ss", "us", "as"))):
        return word
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "sh", "ch", "x", "z")) else f"{word}s"


def article(words: str) -> str:
    """With "a" or "an", or as it is where the name is plural or has no number."""
    first, head = words.split()[0], words.split(" of ")[0].split(" with ")[0].split()[-1]
    countable = head not in UNCOUNTABLE and not (head.endswith("s") and not head.endswith(("ss", "us", "is")))
    if not countable or first in ("santa", "saturn", "earth", "dracula", "mount"):
        return words
    vowel = words[0] in "aeiou" and not words.startswith(("uni", "ufo", "one", "eu"))
    return f"{'an' if vowel or words.startswith('hourglass') else 'a'} {words}"
