"""A page of prompts, several seeds each: `python -m measure.sheet --model FOLDER --out PAGE.jpg`. Nothing is chosen.

Without --prompts it is prompts.txt, the fifty that the finished model is judged by.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from networks.painter import Painter, settings

from .questions import FIFTY

LABEL = 16  # pixels above each row of pictures


def page(pictures: np.ndarray, prompts: list[str], seeds: int, across: int, side: int) -> Image.Image:
    """Pictures [prompts x seeds, h, w, 3], `across` prompts a row, each prompt's seeds beside each other beneath it."""
    rows = -(-len(prompts) // across)
    sheet = Image.new("RGB", (across * seeds * side, rows * (side + LABEL)), "white")
    draw = ImageDraw.Draw(sheet)
    for at, prompt in enumerate(prompts):
        x, y = at % across * seeds * side, at // across * (side + LABEL)
        draw.text((x + 3, y + 2), prompt, fill="black")
        for seed in range(seeds):
            picture = Image.fromarray(pictures[at * seeds + seed]).resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(picture, (x + seed * side, y + LABEL))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prompts", type=Path, default=FIFTY, help="one a line")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=42, help="the first seed")
    settings(parser)
    parser.add_argument("--side", type=int, default=128, help="pixels a side on the page")
    parser.add_argument("--across", type=int, default=4, help="prompts in a row")
    parser.add_argument("--threads", type=int, default=2)
    run = parser.parse_args()
    torch.set_num_threads(run.threads)
    prompts = [line for line in run.prompts.read_text().splitlines() if line]
    asked = [(prompt, run.first + seed) for prompt in prompts for seed in range(run.seeds)]
    painted = Painter(run.model, run).paint([prompt for prompt, _ in asked], [seed for _, seed in asked])
    page(painted, prompts, run.seeds, run.across, run.side).save(run.out, quality=90)


if __name__ == "__main__":
    main()
