"""Pages to look at: `python grids.py --work WORK --model FOLDER [--reference FOLDER]`. Writes WORK/grids/*.png.

samples.png holds fixed prompts from fixed seeds; with --reference, prompts.png shows another model's picture beneath
each. autoencoder.png holds pictures and their reconstructions, strengths.png img2img from crude drawings.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionImg2ImgPipeline
from PIL import Image, ImageDraw

import config
from sampling import Painter

PROMPTS = (
    "a red apple", "a cat", "a dog, 3d style", "pizza", "a rocket", "a panda", "sunflower", "a castle",
    "hamburger", "guitar", "birthday cake", "an astronaut", "a fox", "an octopus", "a rainbow", "a snowman",
    "a car", "a bee", "a dinosaur", "a poop emoji", "a lightbulb", "coffee", "a trophy", "a violin",
    "a blue apple", "a green fox", "a purple elephant", "an orange whale",
    "a pink pig", "a purple crab", "a green car", "a red frog",
    "a ghost on a purple background", "an octopus on a yellow background", "a penguin on a light blue background",
    "a crown on a red background", "a snowman on a dark blue background", "a lion on a teal background",
    "a cactus on a pink background", "a rocket on a black background",
    "two bananas", "three cherries", "two cats", "three stars",
    "four hearts", "two robots", "three frogs", "four mushrooms",
    "a cat and a pizza", "a strawberry next to a lemon", "a tiger above a bicycle", "a frog and a crown",
    "a dog next to a rocket", "a penguin and an ice cream", "a robot above a castle", "a panda beside a guitar",
)  # fmt: skip
ROW = 8
LABEL = 14  # pixels beneath each picture


def page(pictures: list[np.ndarray], labels: list[str], across: int = ROW) -> Image.Image:
    """Pictures in rows with their labels beneath."""
    side, high = config.SIZE, config.SIZE + LABEL
    sheet = Image.new("RGB", (across * side, -(-len(pictures) // across) * high), "white")
    draw = ImageDraw.Draw(sheet)
    for at, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        x, y = at % across * side, at // across * high
        sheet.paste(Image.fromarray(picture), (x, y))
        draw.text((x + 2, y + side + 1), label[:24], fill="black")
    return sheet


def drawings() -> list[tuple[Image.Image, str]]:
    """Crude drawings and what to make of them."""
    apple, house, face, star = (Image.new("RGB", (config.SIZE, config.SIZE), "white") for _ in range(4))
    pen = ImageDraw.Draw(apple)
    pen.ellipse((20, 30, 108, 118), fill=(220, 40, 40))
    pen.line((64, 32, 74, 10), fill=(90, 60, 30), width=6)
    pen = ImageDraw.Draw(house)
    pen.rectangle((30, 60, 98, 112), fill=(200, 170, 130))
    pen.polygon([(22, 62), (64, 18), (106, 62)], fill=(190, 60, 40))
    pen = ImageDraw.Draw(face)
    pen.ellipse((16, 16, 112, 112), fill=(250, 205, 50))
    pen.ellipse((40, 44, 52, 62), fill=(60, 40, 20))
    pen.ellipse((76, 44, 88, 62), fill=(60, 40, 20))
    pen = ImageDraw.Draw(star)
    pen.rectangle((0, 0, 128, 128), fill=(50, 110, 220))
    pen.ellipse((34, 34, 94, 94), fill=(250, 215, 60))
    prompts = ("a red apple", "a house", "smiling face with sunglasses", "a star on a blue background")
    return list(zip((apple, house, face, star), prompts, strict=True))


@torch.inference_mode()
def strengths(painter: Painter) -> Image.Image:
    """img2img at three strengths (SDEdit, Meng et al. 2021)."""
    pipeline = StableDiffusionImg2ImgPipeline.from_pipe(painter.pipeline)
    pipeline.set_progress_bar_config(disable=True)
    pictures, labels = [], []
    for drawing, prompt in drawings():
        pictures.append(np.asarray(drawing))
        labels.append(prompt)
        for strength in (0.3, 0.5, 0.75):
            generator = torch.Generator().manual_seed(7)
            with torch.autocast(painter.device, torch.bfloat16):
                painted = pipeline(
                    prompt,
                    image=drawing,
                    strength=strength,
                    guidance_scale=config.GUIDANCE,
                    num_inference_steps=30,
                    generator=generator,
                ).images[0]
            pictures.append(np.asarray(painted))
            labels.append(f"strength {strength}")
    return page(pictures, labels)


@torch.inference_mode()
def reconstructions(painter: Painter, pictures: np.ndarray) -> Image.Image:
    """The first sixteen held-out pictures, each row above its reconstruction."""
    wanted = torch.from_numpy(pictures[:16].copy()).permute(0, 3, 1, 2).float() / 127.5 - 1
    vae = painter.pipeline.vae
    painted = vae.decode(vae.encode(wanted.to(painter.device)).latent_dist.mode()).sample.cpu()
    back = ((painted.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    rows = [part for half in (slice(0, 8), slice(8, 16)) for part in (*pictures[half], *back[half])]
    return page(rows, (["original"] * 8 + ["reconstruction"] * 8) * 2)


def main() -> None:
    options = config.parser(__doc__)
    options.add_argument("--model", type=Path, required=True, help="diffusers folder")
    options.add_argument("--reference", type=Path, help="another model, to see beneath")
    run = config.settings(options)
    prompts = list(PROMPTS[:: 4 if run.smoke else 1])
    seeds = [42 + at for at in range(len(prompts))]
    painter = Painter(run.options.model, run.device)
    painted = list(painter.paint(prompts, seeds))
    page(painted, prompts).save(run.path("grids/samples.png"))
    if run.options.reference:
        other = list(Painter(run.options.reference, run.device).paint(prompts, seeds))
        rows = [[*painted[at : at + ROW], *other[at : at + ROW]] for at in range(0, len(prompts), ROW)]
        below = ["(reference)"] * ROW
        labels = [[*prompts[at : at + ROW], *below[: len(prompts) - at]] for at in range(0, len(prompts), ROW)]
        page([*chain.from_iterable(rows)], [*chain.from_iterable(labels)]).save(run.path("grids/prompts.png"))
    reconstructions(painter, np.load(run.path("pictures.npy"), mmap_mode="r")[:16]).save(
        run.path("grids/autoencoder.png")
    )
    strengths(painter).save(run.path("grids/strengths.png"))
    print(f"grids are in {run.path('grids')}")


if __name__ == "__main__":
    main()
