"""Write a model's card: `python -m measure.card --model FOLDER --report MODEL.json ... --composed COMPOSED.json ...`.

`knows` and `modifiers` in `easel.json` are what the model was seen to paint, by reports of evaluate.py on it and on
composed pictures: a thing is known if KNOWN of its pictures are right, a kind of quality (colours, places, styles,
...) if its prompts show it PAINTED as often as composed pictures do, in which the judge does not see all either; sizes,
about which nothing is asked, count as painted. With the reports of several judges it is enough that one of them sees
it: none has more than a chance in hundreds to name a thing that is not there. From the card follow autocomplete, the
greeting, and the notice that names the words that a model does not know.
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
from networks.painter import SAMPLER, SCALE, SIGMAS, STEPS
from scenes.captions import CONVERSE, FILLERS, NUMBERS, PLACES, RELATIONS, SIZES, STYLES, TAILS, TIMES, WEATHER

Report = dict[str, Any]

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


def card(name: str, reports: list[Report], composed: list[Report] | None = None) -> dict[str, Any]:
    """Each report with that of the same judge on composed pictures, which count as all right without one.

    Without reports, all that training shows.
    """
    known = [t for t in things() if not reports or max(r["things"].get(t.name, 0) for r in reports) >= KNOWN]
    # Other plurals follow from their singulars wherever the card is read.
    plurals = [plural(name) for thing in known for name in thing.names if name.split()[-1] in IRREGULAR]
    judged = [*zip(reports, composed or [{}] * len(reports), strict=True)]
    good = [kind for kind in qualities() if not judged or any(_painted(kind, *pair) for pair in judged)]
    return {
        "name": name,
        "nativeSize": SIZE,
        "scale": SCALE,
        "steps": STEPS,
        "sampler": SAMPLER,
        "sigmas": SIGMAS,
        "upscaleStrength": 0,
        "upscaler": "easel-x4",
        "licence": LICENCE,
        "needsSafetyChecker": False,
        "examples": list(EXAMPLES),
        "modifiers": sorted({*ALWAYS, *plurals, *(word for kind in good for word in qualities()[kind])}),
        "knows": sorted({name for thing in known for name in thing.names}),
    }


def _painted(kind: str, report: Report, composed: Report) -> bool:
    """Whether enough of a kind's prompts have pictures that show what was asked."""
    shown, at_best = (asked.get(f"{kind}: asked", 1.0) for asked in (report, composed))
    return bool(shown >= PAINTED * at_best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder, whose own name is the model's")
    several = {"type": Path, "nargs": "+", "default": []}
    parser.add_argument("--report", **several, help="what evaluate.py wrote; without it everything trained is listed")
    parser.add_argument("--composed", **several, help="what it wrote without a model, by the same judges")
    run = parser.parse_args()
    reports, composed = ([json.loads(file.read_text()) for file in files] for files in (run.report, run.composed))
    text = json.dumps(card(run.model.resolve().name, reports, composed), indent=2, ensure_ascii=False)
    (run.model / "easel.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main()
