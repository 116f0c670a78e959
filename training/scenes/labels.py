"""What a picture shows, for judges: `label(scene)` gives one dict a picture, ready for JSON, without what is not there.

    {"things": [{"name": "cat", "colour": "blue", "worn": [{"name": "top hat"}],
                 "held": {"name": "balloon", "count": 3}}, {"name": "bicycle"}],
     "relation": "riding", "place": "beach", "time": "sunset"}

The names are those of things.txt and anchors.txt. `count` is of the first thing; `time` is missing by day.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .scene import Actor, Extra, Scene


def label(scene: Scene) -> dict[str, Any]:
    rest = {
        "relation": scene.relation, "count": scene.count if scene.count > 1 else None, "place": scene.place,
        "ground": scene.ground, "time": scene.time if scene.place and scene.time != "day" else "",
        "weather": scene.weather, "view": scene.view, "style": scene.style,
    }  # fmt: skip
    return {"things": [_actor(actor) for actor in scene.actors], **_given(rest)}


def labels_beside(file: Path) -> list[dict[str, Any]]:
    """Of a shard's or the held-out pictures."""
    name = file.name.replace("pictures", "labels").replace("held-out", "held-out-labels")
    labels: list[dict[str, Any]] = json.loads(file.with_name(name).with_suffix(".json").read_text())
    return labels


def _actor(actor: Actor) -> dict[str, Any]:
    drawing = actor.drawing
    return {"name": actor.thing.name} | _given({
        "colour": actor.colour, "size": actor.size, "sex": drawing.sex, "tone": drawing.tone,
        "worn": [_extra(extra) for extra in actor.worn], "held": _extra(actor.held) if actor.held else None,
    })  # fmt: skip


def _extra(extra: Extra) -> dict[str, Any]:
    return {"name": extra.name} | _given({"colour": extra.colour, "count": extra.count if extra.count > 1 else None})


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
