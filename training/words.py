"""The words of captions and prompts: concepts, their everyday names, colours, templates.

Some combinations and templates never appear in training captions, so that the evaluation can ask for things that were
not learnt by heart. What is held out follows from the words alone: the same in every run.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from typing import Final

from config import HERE

CONCEPTS: Final = [line for line in (HERE / "concepts.txt").read_text().splitlines() if line]
SYNONYMS: Final[dict[str, list[str]]] = json.loads((HERE / "synonyms.json").read_text())

Colour = tuple[int, int, int]
#: Named backgrounds, sRGB.
BACKGROUNDS: Final[dict[str, Colour]] = {
    "red": (220, 40, 40), "orange": (245, 140, 30), "yellow": (250, 215, 60), "green": (60, 170, 80),
    "blue": (50, 110, 220), "purple": (140, 70, 200), "pink": (250, 160, 200), "brown": (130, 85, 55),
    "black": (20, 20, 24), "gray": (140, 140, 145), "light blue": (160, 210, 245), "dark blue": (20, 40, 110),
    "dark green": (15, 80, 45), "teal": (30, 150, 150), "beige": (240, 225, 195), "light green": (180, 230, 160),
    "gold": (225, 180, 60), "lavender": (205, 190, 245),
}  # fmt: skip
#: The hue in degrees that a coloured object takes.
HUES: Final = {"red": 0, "orange": 30, "yellow": 55, "green": 125, "blue": 215, "purple": 275, "pink": 325}
NUMBERS: Final = {2: "two", 3: "three", 4: "four"}
BESIDE: Final = (" and ", " and ", " next to ", " beside ")

TRAINED_TEMPLATES: Final = (
    "{a}", "{a}", "{a}", "{bare}", "{bare}", "{a}, 3d style", "{bare}, 3d style", "glossy {bare}", "3d {bare}",
    "a picture of {a}", "an icon of {a}", "{bare} icon", "an emoji of {a}", "{bare} emoji", "a 3d render of {a}",
    "cute {bare}",
)  # fmt: skip
#: Asked of the finished model only.
HELD_OUT_TEMPLATES: Final = (
    "a glossy picture of {a}",
    "a cute 3d icon of {a}",
    "an emoji of {a}, 3d style",
    "a 3d picture of {a}",
)


def held_out(*words: str) -> bool:
    """Whether this combination (concept and colour, two concepts, ...) is kept from training: one in eight is."""
    return zlib.crc32("|".join(words).encode()) % 8 == 0


def name(label: str) -> str:
    """The concept's own name as people type it."""
    return label.lower().replace("’", "'")


def names(label: str) -> list[str]:
    """All names, the concept's own first."""
    return [name(label), *SYNONYMS.get(name(label), [])]


def any_name(label: str, rng: random.Random) -> str:
    """Its own name twice in three, else an everyday one."""
    own, *others = names(label)
    return rng.choice(others) if others and rng.random() < 1 / 3 else own


def article(words: str) -> str:
    if words.endswith("s") and not words.endswith(("ss", "us")):
        return words  # glasses, books, french fries
    vowel = (words[0] in "aeiou" and not words.startswith(("uni", "ufo"))) or words.startswith("hourglass")
    return f"{'an' if vowel else 'a'} {words}"


def plural(words: str) -> str:
    if words.endswith("s"):
        return words
    if words.endswith("y") and words[-2] not in "aeiou":
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith(("sh", "ch", "x")) else f"{words}s"


def uncoloured(words: str) -> str:
    """The name without a colour of its own: "red apple" is "apple" once it is blue."""
    return re.sub(r"^(red|green|orange|blue|purple|pink|yellow|brown|black|white|gr[ae]y|gold) ", "", words)


def fill(template: str, words: str) -> str:
    return template.format(a=article(words), bare=words)
