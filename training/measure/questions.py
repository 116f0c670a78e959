"""What the finished model is asked: scenes of combinations that training never showed, each with its words.

Every question is a scene, so that the composed picture of the same scene shows what a perfect painter would score.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from art.anchors import parts
from art.things import article, things
from scenes.captions import caption
from scenes.scene import Actor, Scene, draw

#: Wordings that no caption has; singles are asked in these. None names a style, as "a drawing of" would.
WORDINGS: Final = ("a nice picture of {a}", "{a}, rendered in 3d", "an icon of {a}", "here is {a}, as asked")
#: As people write them; the sheet of samples shows these.
FIFTY: Final = Path(__file__).with_name("prompts.txt")


@cache
def hats() -> frozenset[str]:
    """All that "a hat" can mean: a top hat, a police cap (a policeman's hat), not a crown."""
    return frozenset(part.name for part in parts("worn").values() if any(name.endswith("hat") for name in part.names))


@dataclass(frozen=True)
class Question:
    kind: str
    prompt: str
    scene: Scene
    seed: int

    @property
    def any_hat(self) -> bool:
        """Whether the words leave it open which hat is worn, as "a cat in a hat" does."""
        worn = {extra.name for actor in self.scene.actors for extra in actor.worn} & hats()
        named = [name for hat in worn for name in parts("worn")[hat].names if name != "hat"]
        return bool(worn) and not any(name in self.prompt for name in named)


def singles(every: int = 1, seeds: int = 3) -> list[Question]:
    """Every thing (or every n-th), in a wording and, where it has several, a name for each seed."""
    asked = []
    for at, thing in [*enumerate(things())][::every]:
        for seed in range(seeds):
            words = WORDINGS[(at + seed) % len(WORDINGS)].format(a=article(thing.names[seed % len(thing.names)]))
            scene = Scene((Actor(thing, thing.drawings[0]),))
            asked.append(Question("single", words, scene, 1000 * (seed + 1) + at))
    return asked


def again(every: int = 8) -> list[Question]:
    """Every n-th thing twice in the same words: how different two seeds are."""
    asked = []
    for at, thing in [*enumerate(things())][::every]:
        scene = Scene((Actor(thing, thing.drawings[0]),))
        asked += [Question("again", article(thing.name), scene, 7000 + 1000 * seed + at) for seed in range(2)]
    return asked


def _alone(scene: Scene) -> bool:
    actor = scene.actors[0]
    return len(scene.actors) == 1 and scene.count == 1 and not (actor.worn or actor.held or actor.size or scene.view)


#: What each kind of question is about; everything else stays as simple as it comes.
KINDS: Final[dict[str, Callable[[Scene], bool]]] = {
    "colour": lambda s: _alone(s) and bool(s.actors[0].colour) and not (s.style or s.place or s.ground),
    "ground": lambda s: _alone(s) and bool(s.ground) and not (s.style or s.actors[0].colour),
    "place": lambda s: _alone(s) and bool(s.place) and s.time == "day" and not (s.style or s.weather),
    "time": lambda s: _alone(s) and bool(s.place) and s.time != "day" and not (s.style or s.weather),
    "weather": lambda s: _alone(s) and bool(s.weather) and not s.style,
    "style": lambda s: _alone(s) and bool(s.style) and not s.weather,
    "count": lambda s: s.count > 1 and not (s.style or s.weather or s.place or s.actors[0].worn or s.actors[0].held),
    "pair": lambda s: s.relation in ("left of", "right of", "above", "on", "next to") and not (s.style or s.weather),
    "worn": lambda s: len(s.actors) == 1 and bool(s.actors[0].worn) and not (s.style or s.weather or s.count > 1),
    "held": lambda s: len(s.actors) == 1 and bool(s.actors[0].held) and not (s.style or s.weather or s.count > 1),
    "riding": lambda s: s.relation in ("riding", "inside") and not (s.style or s.weather),
}


def combinations(each: int, kinds: tuple[str, ...] = tuple(KINDS)) -> list[Question]:
    """`each` questions of every kind, the same in every run."""
    rng = random.Random(17)
    found: dict[str, list[Question]] = {kind: [] for kind in kinds}
    while any(len(questions) < each for questions in found.values()):
        scene = draw(rng, held=True)
        for kind, questions in found.items():
            if len(questions) < each and KINDS[kind](scene):
                questions.append(Question(kind, caption(scene, rng), scene, rng.randrange(1_000_000)))
                break
    return [question for questions in found.values() for question in questions]
