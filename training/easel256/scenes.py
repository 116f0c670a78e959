"""What a picture shows, as plain data, and how scenes are drawn by lot. Painting is paint.py, wording captions.py."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from typing import Final

from .grounds import PLACES
from .skies import TIMES
from .sprites import COLOURS
from .things import Drawing, Thing, by_name, things

SIZES: Final = {"tiny": 0.4, "small": 0.65, "big": 1.3, "giant": 1.65}
RELATIONS: Final = ("and", "next to", "left of", "right of", "above", "behind", "in front of", "on")
WEATHER: Final = ("rain", "snow", "fog")
STYLES: Final = ("pixel art", "watercolor", "pencil drawing", "neon", "clay", "flat", "cartoon", "black and white")
#: Things flat enough on top to stand on.
SUPPORTS: Final = (
    "rock", "log", "cardboard box", "skateboard", "car", "bus", "truck", "books", "couch", "bed", "cloud", "mushroom",
    "birthday cake", "drum", "barrel", "hamburger", "turtle", "elephant", "suitcase", "table", "stone bridge",
)  # fmt: skip
NO_TIME: Final = frozenset(("space", "moon", "underwater", "table"))
NO_WEATHER: Final = frozenset(("space", "moon", "underwater", "table", "room"))


@dataclass(frozen=True)
class Actor:
    thing: Thing
    drawing: Drawing
    colour: str = ""
    size: str = ""


@dataclass(frozen=True)
class Scene:
    actors: tuple[Actor, ...]
    relation: str = ""  # of the first to the second
    count: int = 1  # of the first; it is then alone
    place: str = ""  # nothing: a plain ground
    ground: str = ""  # the plain ground's colour; nothing: white
    time: str = "day"
    weather: str = ""
    view: str = ""  # "close-up" or "far"
    style: str = ""


def held_out(*words: str) -> bool:
    """Whether training never shows this combination: one in eight, by the words alone, so the same in every run."""
    return zlib.crc32("|".join(words).encode()) % 8 == 0


def combinations(scene: Scene) -> list[tuple[str, ...]]:
    """All that the scene combines: each is held out or not by itself."""
    found: list[tuple[str, ...]] = []
    for actor in scene.actors:
        name = actor.thing.name
        found += [("colour", name, actor.colour)] if actor.colour else []
        found += [("size", name, actor.size)] if actor.size else []
        found += [("place", name, scene.place)] if scene.place else []
        found += [("ground", name, scene.ground)] if scene.ground else []
        found += [("style", name, scene.style)] if scene.style else []
    if scene.count > 1:
        found.append(("count", scene.actors[0].thing.name, str(scene.count)))
    if len(scene.actors) > 1:
        found.append(("pair", *sorted(actor.thing.name for actor in scene.actors[:2])))
    if scene.place and scene.time != "day":
        found.append(("time", scene.place, scene.time))
    return found


def draw(rng: random.Random, held: bool = False) -> Scene:
    """A scene by lot: for training none of its combinations is held out, for evaluating (`held`) at least one is."""
    while True:
        scene = _any(rng)
        if any(held_out(*words) for words in combinations(scene)) == held:
            return scene


def _actor(rng: random.Random, thing: Thing, plain: bool) -> Actor:
    colour = rng.choice(list(COLOURS)) if rng.random() < 0.24 and thing.section not in ("hearts", "people") else ""
    size = rng.choice(list(SIZES)) if plain and rng.random() < 0.12 else ""
    base = thing.drawings
    whole = [drawing for drawing in base if not drawing.tone]
    return Actor(thing, rng.choice(base if rng.random() < 0.4 else whole), colour, size)


def _any(rng: random.Random) -> Scene:
    kind = rng.choices(("one", "many", "two", "three"), (46, 12, 34, 8))[0]
    first = rng.choice(things())
    place = ground = ""
    if rng.random() < 0.7:
        place = _place(rng, first)
    elif rng.random() < 0.55:
        ground = rng.choice(list(COLOURS))
    time = "day"
    if place and place not in NO_TIME and rng.random() < 0.6:
        time = rng.choice([name for name in TIMES if name != "gray"])
    weather = rng.choice(WEATHER) if place and place not in NO_WEATHER and rng.random() < 0.14 else ""
    style = rng.choice(STYLES) if rng.random() < 0.18 else ""
    view = rng.choice(("close-up", "far")) if kind == "one" and rng.random() < 0.14 else ""
    setting = {"place": place, "ground": ground, "time": time, "weather": weather, "style": style, "view": view}
    if kind == "many" and not first.plural_only:
        return Scene((_actor(rng, first, False),), count=rng.randint(2, 5), **setting)
    if kind in ("one", "many"):
        return Scene((_actor(rng, first, not view),), **setting)
    relation = rng.choice(RELATIONS) if kind == "two" else "and"
    others = [rng.choice(things()) for _ in range(1 if kind == "two" else rng.randint(2, 3))]
    if relation == "on":
        others = [by_name()[rng.choice(SUPPORTS)]]
    actors = tuple(_actor(rng, thing, False) for thing in (first, *others))
    return Scene(actors, relation, **setting) if len({a.thing.name for a in actors}) == len(actors) else _any(rng)


def _place(rng: random.Random, thing: Thing) -> str:
    """Anywhere, but twice in three where such a thing is at home."""
    homes = {
        "water": ("sea", "underwater", "beach", "lake"), "sky": ("sky", "meadow", "space", "sea"),
        "air": ("sky", "meadow", "city", "mountains", "beach"),
    }  # fmt: skip
    table = ("fruit", "vegetables", "food", "food of Asia", "sweets", "drinks", "dishes", "paper", "tools", "household")
    home = homes.get(thing.where, ("table", "room") if thing.section in table else ())
    return rng.choice(home) if home and rng.random() < 0.66 else rng.choice(list(PLACES))
