"""Write a model's card: `python -m measure.card --model FOLDER --report MODEL.json --composed COMPOSED.json`.

`knows` and `modifiers` in `easel.json` are what the model was seen to paint, by reports of evaluate.py on it and on
composed pictures: a thing is known if KNOWN of its pictures are right, a kind of quality (colours, places, styles,
...) if its prompts show it PAINTED as often as composed pictures do, in which the judge does not see all either; sizes,
about which nothing is asked, count as painted. From the card follow autocomplete, the greeting, and the notice that
names the words that a model does not know.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from art.anchors import parts
from art.sprites import COLOURS
from art.things import IRREGULAR, TONES, plural, things
from networks.models import SIZE
from networks.painter import SAMPLER, SCALE, STEPS
from scenes.captions import CONVERSE, FILLERS, NUMBERS, PLACES, RELATIONS, SIZES, STYLES, TAILS, TIMES, WEATHER

KNOWN = 0.66  # share of a thing's pictures that must be right: two of three
PAINTED = 0.7  # of what composed pictures score
EXAMPLES: Final = (
    "a penguin in the snow", "a fox in the forest", "a hamburger in space", "a lighthouse by the lake at night",
    "a robot in the city", "a windmill in the meadow", "a green car in the desert", "three frogs", "a blue elephant",
    "a treasure chest at the bottom of the sea", "a cottage in the snow at night",
)  # fmt: skip
LICENCE: Final = (
    "MIT, as Easel itself; trained on Fluent Emoji (MIT, Microsoft), Noto Emoji (Apache-2.0, Google) and drawings of "
    "our own. The notices are in NOTICE.md."
)
#: Words that begin a phrase and say nothing by themselves.
LEADING: Final = re.compile(r"^(?:(?:a|an|the|in|on|at|by|of|to|it|with|among|above|under|over|while|from|out) )+")
#: Words of the captions that are understood whatever is measured.
ALWAYS: Final = (
    *FILLERS, *TAILS, *TONES.values(), "picture", "image", "illustration", "3d style", "icon", "emoji", "background",
    "male", "female", "man", "woman", "skinned", "skin", "sunny", "close-up", "close up",
)  # fmt: skip


def words_of(tables: Iterable[Iterable[str]]) -> list[str]:
    """Each phrase without the words that only lead to it."""
    return [LEADING.sub("", phrase) for phrases in tables for phrase in phrases if phrase]


def qualities() -> dict[str, list[str]]:
    """The words of each kind of question in questions.py."""
    extras = {table: words_of(part.names for part in parts(table).values()) for table in ("worn", "held")}
    rides = words_of(part.names for table in ("mounts", "containers") for part in parts(table).values())
    return {
        "colour": list(COLOURS),
        "count": words_of(NUMBERS.values()),
        "place": words_of(PLACES.values()),
        "time": words_of(TIMES.values()),
        "weather": words_of(WEATHER.values()),
        "style": words_of(STYLES.values()),
        "pair": words_of((*RELATIONS.values(), *CONVERSE.values())),
        "worn": [*extras["worn"], "wearing", "with", "on its head"],
        "held": [*extras["held"], "holding"],
        "riding": [*rides, "riding", "sitting", "standing", "looking out", "peeking out", "inside"],
        "size": words_of(SIZES.values()),
    }


def card(name: str, report: dict[str, Any] | None, composed: dict[str, Any] | None = None) -> dict[str, Any]:
    """Without a report, all that training shows; without one on composed pictures, these count as all right."""
    shares: dict[str, float] = report["things"] if report else {}
    known = [thing for thing in things() if not report or shares.get(thing.name, 0) >= KNOWN]
    # Other plurals follow from their singulars wherever the card is read.
    plurals = [plural(name) for thing in known for name in thing.names if name.split()[-1] in IRREGULAR]
    good = [kind for kind in qualities() if not report or _asked(report, kind) >= PAINTED * _asked(composed, kind)]
    return {
        "name": name,
        "nativeSize": SIZE,
        "scale": SCALE,
        "steps": STEPS,
        "sampler": SAMPLER,
        "upscaleStrength": 0,
        "upscaler": "easel-x4",
        "licence": LICENCE,
        "needsSafetyChecker": False,
        "examples": list(EXAMPLES),
        "modifiers": sorted({*ALWAYS, *plurals, *(word for kind in good for word in qualities()[kind])}),
        "knows": sorted({name for thing in known for name in thing.names}),
    }


def _asked(report: dict[str, Any] | None, kind: str) -> float:
    """The share of a kind's prompts whose pictures show what was asked."""
    return (report or {}).get(f"{kind}: asked", 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder, whose own name is the model's")
    parser.add_argument("--report", type=Path, help="what evaluate.py wrote; without it everything trained is listed")
    parser.add_argument("--composed", type=Path, help="what it wrote without a model")
    run = parser.parse_args()
    report, composed = (json.loads(file.read_text()) if file else None for file in (run.report, run.composed))
    text = json.dumps(card(run.model.resolve().name, report, composed), indent=2, ensure_ascii=False)
    (run.model / "easel.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main()
