"""Compose pictures with captions ahead of training: `python -m scenes.compose --work WORK --shards 8 [--sheet]`.

Writes WORK/shards/pictures-SEED.npy (uint8 [n, 256, 256, 3]), captions-SEED.json (for each picture its wordings, an
empty one in ten for guidance), labels-SEED.json (what each shows, for judges: see labels.py), covers-SEED.npy (where
its things are: uint8 [n, 16, 16]) and carried-SEED.npy (where what they wear, hold or carry is, likewise). Run it in
several processes with different --first; the trainers find new shards by themselves. --held-out writes held-out.npy
(with held-out.json and held-out-labels.json) instead, of combinations that training never sees; --sheet a page to look
at.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from art.sprites import Sprites

from .captions import caption
from .labels import label
from .paint import painted
from .scene import draw

WORDINGS = 4
EMPTY = 0.1


def compose(
    seed: int, many: int, sprites: Sprites, held: bool = False
) -> tuple[np.ndarray, list[list[str]], list[dict[str, Any]], np.ndarray, np.ndarray]:
    """Pictures, the wordings of each, what each shows, and where its things are and what they carry."""
    rng = random.Random(seed)
    pictures, words, labels, covers, carried = [], [], [], [], []
    for _ in range(many):
        scene = draw(rng, held)
        for parts, part in zip((pictures, covers, carried), painted(scene, rng, sprites), strict=True):
            parts.append(part)
        labels.append(label(scene))
        words.append(["" if rng.random() < EMPTY else caption(scene, rng) for _ in range(WORDINGS)])
    return np.stack(pictures), words, labels, np.stack(covers), np.stack(carried)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0, help="seed of the first shard")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=2048, help="in a shard")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--sheet", action="store_true", help="write WORK/sheet.png and its captions instead")
    run = parser.parse_args()
    cv2.setNumThreads(1)
    folder = run.work / "shards"
    folder.mkdir(parents=True, exist_ok=True)
    sprites = Sprites(run.work)
    if run.sheet:
        pictures, words, *_ = compose(run.first, 48, sprites)
        page = np.concatenate([np.concatenate(list(row), 1) for row in pictures.reshape(6, 8, *pictures.shape[1:])])
        cv2.imwrite(str(run.work / "sheet.png"), page[..., ::-1])
        print("\n".join(next((w for w in wordings if w), "") for wordings in words))
        return
    for seed in range(run.first, run.first + run.shards):
        begun = time.process_time()
        pictures, words, labels, covers, carried = compose(
            -1 - seed if run.held_out else seed, run.pictures, sprites, run.held_out
        )
        name = "held-out" if run.held_out else f"pictures-{seed:04}"
        (folder / f"{name.replace('pictures', 'captions')}.json").write_text(json.dumps(words))
        labelled = "held-out-labels" if run.held_out else f"labels-{seed:04}"
        (folder / f"{labelled}.json").write_text(json.dumps(labels, separators=(",", ":")))
        if not run.held_out:
            np.save(folder / f"covers-{seed:04}.npy", covers)
            np.save(folder / f"carried-{seed:04}.npy", carried)
        np.save(folder / f".{name}.npy", pictures)
        (folder / f".{name}.npy").replace(folder / f"{name}.npy")
        print(f"{name}: {run.pictures / (time.process_time() - begun):.1f} pictures a second of CPU", flush=True)


if __name__ == "__main__":
    main()
