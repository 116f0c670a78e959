"""The words for what is worn, held, ridden and looked out of."""

from __future__ import annotations

import random
from typing import Final

from art.anchors import parts
from art.things import article, plural

from .scene import Actor, Extra, Scene

NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five"}
RIDING: Final = ("riding", "riding", "riding on", "on", "sitting on", "on top of")
STANDING: Final = ("on", "standing on", "riding", "on top of")  # a board, a sled
INSIDE: Final = ("in", "in", "inside", "inside", "sitting in", "looking out of", "peeking out of")


def dressed(name: str, actor: Actor, rng: random.Random, number: int = 1) -> str:
    """The name (one or several of it) with what it wears and holds after it."""
    if not (actor.worn or actor.held):
        return name
    crowned = [extra.name for extra in actor.worn] == ["crown"] and not actor.held
    if crowned and number == 1 and rng.random() < 0.08 and actor.thing.section not in ("people", "people at work"):
        return f"{name} king with {_extra(actor.worn[0], rng, 1)}"
    held = _held(actor.held, rng, number) if actor.held else ""
    if not actor.worn:
        return f"{name} {held}"
    things = " and ".join(_extra(extra, rng, number) for extra in rng.sample(actor.worn, len(actor.worn)))
    ways = ["wearing", "wearing", "wearing", "with", "with"]
    ways += ["in"] if all(extra.name not in ("headphones", "flower", "medal") for extra in actor.worn) else []
    where = {parts("worn")[extra.name].where for extra in actor.worn}
    way = rng.choice(ways)
    if where == {"head"} and way == "with" and rng.random() < 0.25:
        things += " on its head" if number == 1 and actor.thing.section not in ("people", "people at work") else ""
    worn = f"{way} {things}"
    if not held:
        return f"{name} {worn}"
    return f"{name} {worn} and {held}" if rng.random() < 0.6 else f"{name} {held} and wearing {things}"


def setting_off(scene: Scene, first: str, second: str, rng: random.Random) -> str:
    """The first riding the second, or in it."""
    if scene.relation == "inside":
        part = parts("containers")[scene.actors[1].thing.name]
        ways = [*(INSIDE if part.rim else ("in", "inside", "in", "looking out of")), *part.flags, *part.flags]
        return f"{first} {rng.choice(ways)} {second}"
    part = parts("mounts")[scene.actors[1].thing.name]
    return f"{first} {rng.choice(RIDING if 'behind' in part.flags else STANDING)} {second}"


def _extra(extra: Extra, rng: random.Random, number: int, table: str = "worn") -> str:
    """With its colour and article; several wearers have several hats."""
    names = parts(table)[extra.name].names
    name = names[0] if rng.random() < 0.6 else rng.choice(names)
    if name.endswith(" hat") and rng.random() < 0.15:
        name = "hat"
    if extra.colour:
        first, _, rest = name.partition(" ")
        name = rest if rest and first in ("red", "pink", "brown", "gold", "yellow") else name
    words = " ".join(word for word in (extra.colour, name) if word)
    if extra.count > 1:
        return f"{NUMBERS[extra.count]} {plural(words)}"
    if number > 1:
        return plural(words)
    if name in ("sunglasses", "glasses", "goggles") and rng.random() < 0.08:
        return f"a pair of {words}"
    return article(words) if rng.random() < 0.96 else words


def _held(held: Extra, rng: random.Random, number: int) -> str:
    words = _extra(held, rng, number, "held")
    if number > 1 and held.count == 1 and rng.random() < 0.3:
        words = article(" ".join(word for word in (held.colour, held.name) if word)) + " each"
    if held.name == "balloon" and held.count > 1 and not held.colour and rng.random() < 0.2:
        words = f"{NUMBERS[held.count]} colorful balloons"
    doing = [flag for flag in parts("held")[held.name].flags if not words.endswith("each")]
    return f"{rng.choice(('holding', 'holding', 'holding', 'with', 'with', *doing, *doing))} {words}"
