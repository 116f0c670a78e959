"""What a picture shows, as plain data, and how scenes are drawn by lot. Painting is paint.py, wording captions.py."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Final

from art.anchors import Part, by_lot, parts, spots
from art.sprites import COLOURS
from art.things import Drawing, Thing, by_name, things

from .grounds import PLACES
from .skies import TIMES

SIZES: Final = {"tiny": 0.4, "small": 0.65, "big": 1.3, "giant": 1.65}
RELATIONS: Final = ("and", "next to", "left of", "right of", "above", "behind", "in front of", "on")
WEATHER: Final = ("rain", "snow", "fog")
STYLES: Final = (
    "pixel art", "watercolor", "pencil drawing", "neon", "clay", "paper cut", "flat", "cartoon", "black and white",
)  # fmt: skip
#: Things flat enough on top to stand on.
SUPPORTS: Final = (
    "rock", "log", "cardboard box", "skateboard", "car", "bus", "truck", "books", "couch", "bed", "cloud", "mushroom",
    "birthday cake", "drum", "barrel", "hamburger", "turtle", "elephant", "suitcase", "table", "stone bridge",
)  # fmt: skip
#: Worn and held things that nobody asks for in another colour.
OWN_COLOUR: Final = frozenset((
    "santa hat", "medal", "bouquet", "sunflower", "pizza", "beer", "carrot", "banana", "donut", "bubble tea", "hammer",
    "axe", "money bag", "magic wand", "trumpet", "saxophone", "violin", "trophy", "flower", "chef hat",
))  # fmt: skip
NO_TIME: Final = frozenset(("space", "moon", "underwater", "table"))
NO_WEATHER: Final = frozenset(("space", "moon", "underwater", "table", "room"))


#: Sections of things that wear, ride and look out of others; people and animals more often than fruit.
LIVING: Final = (
    "creatures", "people", "people at work", "people of tales", "mammals", "mammals", "mammals", "mammals", "birds",
    "birds", "frogs and reptiles", "of the sea",
)  # fmt: skip


#: How often a thing of a section is drawn, beside those of other sections: oftener what people ask for.
OFTEN: Final = {
    "mammals": 3.0, "birds": 2.0, "frogs and reptiles": 3.0, "of the sea": 2.0, "creatures": 2.5, "fruit": 2.0,
    "food": 2.0, "food of Asia": 1.5, "sweets": 2.0, "drinks": 1.3, "flowers": 1.5, "plants": 1.3, "buildings": 1.7,
    "people": 1.3, "people at work": 1.7, "people of tales": 2.5, "on the road": 1.5, "boats": 2.0, "in the air": 2.0,
    "sky": 1.3, "mountains": 1.5, "faces": 0.7, "signs": 0.6, "hands": 0.6, "parts of the body": 0.5, "paper": 0.6,
    "tools": 0.7, "household": 0.7, "clothes": 0.7, "people who move": 0.8, "maps": 0.7,
}  # fmt: skip


#: Sections of what else looks out of a cup or a box.
SMALL: Final = ("faces", "fruit", "vegetables", "flowers", "sweets", "insects", "of the sea", "games", "sport")


LARGE: Final = 0.3  # width of a head or of glasses, as part of the drawing's


@dataclass(frozen=True)
class Extra:
    """What somebody wears or holds: a name of anchors.txt."""

    name: str
    colour: str = ""
    count: int = 1


@dataclass(frozen=True)
class Actor:
    thing: Thing
    drawing: Drawing
    colour: str = ""
    size: str = ""
    worn: tuple[Extra, ...] = ()
    held: Extra | None = None


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
        found += [("worn", name, extra.name) for extra in actor.worn]
        found += [("held", name, actor.held.name)] if actor.held else []
        extras = (*actor.worn, *((actor.held,) if actor.held else ()))
        found += [("colour worn", extra.name, extra.colour) for extra in extras if extra.colour]
    if scene.count > 1:
        found.append(("count", scene.actors[0].thing.name, str(scene.count)))
    if scene.relation in ("riding", "inside"):
        found.append((scene.relation, *(actor.thing.name for actor in scene.actors)))
    elif len(scene.actors) > 1:
        found.append(("pair", *sorted(actor.thing.name for actor in scene.actors[:2])))
    if scene.place and scene.time != "day":
        found.append(("time", scene.place, scene.time))
    return found


@cache
def _shares() -> tuple[float, ...]:
    """Of each of things(), added up."""
    return tuple(accumulate(OFTEN.get(thing.section, 1.0) for thing in things()))


def _thing(rng: random.Random) -> Thing:
    return rng.choices(things(), cum_weights=_shares())[0]


def draw(rng: random.Random, held: bool = False) -> Scene:
    """A scene by lot: for training none of its combinations is held out, for evaluating (`held`) at least one is."""
    while True:
        scene = _any(rng)
        if any(held_out(*words) for words in combinations(scene)) == held:
            return scene


def _actor(rng: random.Random, thing: Thing, plain: bool) -> Actor:
    colour = rng.choice(list(COLOURS)) if rng.random() < 0.2 and thing.section not in ("hearts", "people") else ""
    size = rng.choice(list(SIZES)) if plain and rng.random() < 0.12 else ""
    base = thing.drawings
    whole = [drawing for drawing in base if not drawing.tone]
    return Actor(thing, rng.choice(base if rng.random() < 0.4 else whole), colour, size)


def _any(rng: random.Random) -> Scene:
    kind = rng.choices(("one", "many", "two", "three", "dressed", "riding", "inside"), (19, 4, 35, 2, 34, 4, 3))[0]
    first = _living(rng) if kind == "dressed" else _thing(rng)
    place = ground = ""
    if rng.random() < 0.7:
        place = _place(rng, first)
    elif rng.random() < 0.55:
        ground = rng.choice(list(COLOURS))
    time = "day"
    if place and place not in NO_TIME and rng.random() < 0.6:
        time = rng.choice([name for name in TIMES if name != "gray"])
    weather = rng.choice(WEATHER) if place and place not in NO_WEATHER and rng.random() < 0.2 else ""
    style = rng.choice(STYLES) if rng.random() < 0.36 else ""
    view = rng.choice(("close-up", "far")) if kind == "one" and rng.random() < 0.1 else ""
    setting = {"place": place, "ground": ground, "time": time, "weather": weather, "style": style, "view": view}
    if kind in ("dressed", "riding", "inside"):
        setting["view"] = ""
        return _dressed(rng, first, setting) if kind == "dressed" else _combined(rng, kind, setting)
    if kind == "many" and not first.plural_only:
        return Scene((_actor(rng, first, False),), count=rng.randint(2, 5), **setting)
    if kind in ("one", "many"):
        return Scene((_actor(rng, first, not view),), **setting)
    relation = rng.choice(RELATIONS) if kind == "two" else "and"
    others = [_thing(rng) for _ in range(1 if kind == "two" else rng.randint(2, 3))]
    if relation == "on":
        others = [by_name()[rng.choice(SUPPORTS)]]
    actors = tuple(_actor(rng, thing, False) for thing in (first, *others))
    return Scene(actors, relation, **setting) if len({a.thing.name for a in actors}) == len(actors) else _any(rng)


def _living(rng: random.Random) -> Thing:
    if rng.random() < 0.2:
        return rng.choice([thing for thing in things() if _wearable(thing)])
    section = rng.choice(LIVING)
    return rng.choice([thing for thing in things() if thing.section == section and _wearable(thing)])


def _wearable(thing: Thing) -> list[Drawing]:
    """Its drawings of which it is known where the head is."""
    return [drawing for drawing in thing.drawings if spots(drawing.code)]


def _large_head(drawing: Drawing) -> bool:
    """What it wears is large enough to be made out: the face of a cat, where there is the whole animal, too."""
    known = spots(drawing.code)
    return any(known[where][2] >= LARGE for where in ("head", "eyes") if where in known)


def _dressed(rng: random.Random, first: Thing, setting: dict[str, str]) -> Scene:
    """One that wears or holds something; one time in four beside another thing, one in eight several alike."""
    dressed = _dress(rng, first)
    if rng.random() < 0.12 and not first.plural_only:
        return Scene((dressed,), count=rng.randint(2, 3), **setting)
    other = _thing(rng)
    if rng.random() < 0.25 and other.name != first.name:
        relation = rng.choice([relation for relation in RELATIONS if relation != "on"])
        return Scene((dressed, _actor(rng, other, False)), relation, **setting)
    return Scene((dressed,), **setting)


def _dress(rng: random.Random, thing: Thing) -> Actor:
    drawings = _wearable(thing)
    drawings = [drawing for drawing in drawings if _large_head(drawing)] or drawings
    whole = [drawing for drawing in drawings if not drawing.tone]
    actor = _actor(rng, thing, False)
    drawing = rng.choice(drawings if rng.random() < 0.4 else whole)
    known = spots(drawing.code)
    worn: list[Extra] = []
    held = _extra(rng, by_lot(rng, parts("held").values())) if "hand" in known and rng.random() < 0.45 else None
    if held and held.name == "balloon":
        held = Extra("balloon", held.colour, rng.choice((1, 1, 1, 2, 3, 3, 5)))
    wanted = [where for where in ("head", "head", "eyes", "neck") if where in known]
    for where in rng.sample(wanted, min(len(wanted), rng.choice((1, 1, 1, 2)))):
        taken = any(parts("worn")[extra.name].where == where for extra in worn)
        if taken or (held and (worn or rng.random() < 0.75)):
            continue
        there = ("eyes", "mouth") if where == "eyes" and known["eyes"][2] > 0.4 and rng.random() < 0.25 else (where,)
        worn.append(_extra(rng, by_lot(rng, (part for part in parts("worn").values() if part.where in there))))
    if not worn and not held:
        return _dress(rng, thing)
    return Actor(thing, drawing, actor.colour, "", tuple(worn), held)


def _extra(rng: random.Random, part: Part) -> Extra:
    return Extra(part.name, rng.choice(list(COLOURS)) if part.name not in OWN_COLOUR and rng.random() < 0.3 else "")


def _combined(rng: random.Random, kind: str, setting: dict[str, str]) -> Scene:
    """Somebody that rides, or that looks out of something; one in four is dressed as well."""
    table = parts("mounts" if kind == "riding" else "containers")
    part = by_lot(rng, table.values())
    second = _named(part)
    living = kind == "riding" or rng.random() < 0.75
    first = _living(rng) if living else rng.choice([thing for thing in things() if thing.section in SMALL])
    if first.name == second.name:
        return _combined(rng, kind, setting)
    rider = _dress(rng, first) if _wearable(first) and rng.random() < 0.25 else _actor(rng, first, False)
    mount = _actor(rng, second, False)
    setting["place"] = _place(rng, second) if setting["place"] else ""
    if setting["place"] in NO_TIME:
        setting["time"] = "day"
    if setting["place"] in NO_WEATHER:
        setting["weather"] = ""
    return Scene((rider, mount), kind, **setting)


@cache
def _named(part: Part) -> Thing:
    """The mount or container as a thing of its own, at home where the thing of that drawing is."""
    like = by_name().get("cardboard box" if part.code == "open-box" else part.name)
    like = like or next(thing for thing in things() if part.code in [drawing.code for drawing in thing.drawings])
    return Thing(part.names, (Drawing(part.code),), like.section, like.where, like.size)


def _place(rng: random.Random, thing: Thing) -> str:
    """Anywhere, but twice in three where such a thing is at home."""
    homes = {
        "water": ("sea", "underwater", "beach", "lake"), "sky": ("sky", "meadow", "space", "sea"),
        "air": ("sky", "meadow", "city", "mountains", "beach"),
    }  # fmt: skip
    table = ("fruit", "vegetables", "food", "food of Asia", "sweets", "drinks", "dishes", "paper", "tools", "household")
    home = homes.get(thing.where, ("table", "room") if thing.section in table else ())
    return rng.choice(home) if home and rng.random() < 0.66 else rng.choice(list(PLACES))
