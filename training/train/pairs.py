"""What the upscaler learns from: scenes at 1024 pixels, and what it will be given in their place at 256."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from art.sprites import Sprites
from networks.compact import SCALE
from networks.models import SIZE
from scenes.paint import paint
from scenes.scene import draw

LARGE = SIZE * SCALE
CROP = 40  # pixels of an input's side in training
HELD_OUT = 16  # scenes
LATENT_NOISE = 0.12  # at most, of the latents' own standard deviation
THROUGH_AUTOENCODER = 0.7  # of the inputs
TOGETHER = 8  # scenes composed at a time


def as_tensor(pictures: np.ndarray) -> Tensor:
    """uint8 [n, h, w, 3] to [n, 3, h, w] in 0..1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 255


def as_bytes(pictures: Tensor) -> np.ndarray:
    return (pictures.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def scene(rng: random.Random, sprites: Sprites) -> np.ndarray:
    """A scene by lot, of things whose drawings are there as SVG (skin tones are not): uint8 [1024, 1024, 3]."""
    while True:
        try:
            return paint(draw(rng), rng, sprites, LARGE)
        except FileNotFoundError:
            continue


@torch.inference_mode()
def compose(work: Path, count: int, vae: AutoencoderKL) -> None:
    """WORK/upscaler/large.npy, and small.npy: the same through the autoencoder."""
    folder, sprites, rng = work / "upscaler", Sprites(work, large=True), random.Random(11)
    if not (work / "art-large" / "glossy").exists():
        raise FileNotFoundError(f"{work / 'art-large'} is missing. Draw it: node art/draw.mjs {work} --large")
    folder.mkdir(exist_ok=True)
    large = np.lib.format.open_memmap(folder / ".large.npy", "w+", np.uint8, (count, LARGE, LARGE, 3))
    small = np.empty((count, SIZE, SIZE, 3), np.uint8)
    device = vae.device
    for at in range(0, count, TOGETHER):
        scenes = np.stack([scene(rng, sprites) for _ in range(min(TOGETHER, count - at))])
        large[at : at + TOGETHER] = scenes
        reduced = np.stack([cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for picture in scenes])
        with torch.autocast(device.type, torch.bfloat16):
            latents = vae.encode(as_tensor(reduced).to(device) * 2 - 1).latent_dist.mode()
            amount = torch.rand(len(latents), 1, 1, 1, device=device) * LATENT_NOISE * (at >= HELD_OUT)
            latents = latents + torch.randn_like(latents) * latents.std() * amount
            small[at : at + TOGETHER] = as_bytes(vae.decode(latents).sample.float() / 2 + 0.5)
    np.save(folder / "small.npy", small)
    large.flush()
    (folder / ".large.npy").replace(folder / "large.npy")


def reduced(large: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A quarter of the side in one of several ways, at times blurred, noisy, or through JPEG."""
    side = large.shape[0] // SCALE
    picture = large
    if rng.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 3.0))
    how = rng.choice([cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4])
    if how != cv2.INTER_AREA:
        picture = cv2.GaussianBlur(picture, (0, 0), 1.2)
    picture = cv2.resize(picture, (side, side), interpolation=int(how))
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(0.5, 3), picture.shape)
        picture = (picture + noise).round().clip(0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(75, 97))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture[..., ::-1], quality)[1], cv2.IMREAD_COLOR)[..., ::-1]
    return picture


def batch(large: np.ndarray, small: np.ndarray, size: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Crops and their targets, turned and mirrored. Most crops of one colour are passed over."""
    inputs, targets = [], []
    while len(inputs) < size:
        k = rng.integers(HELD_OUT, len(large))
        top, left = rng.integers(0, SIZE - CROP + 1, 2)
        target = large[k, top * SCALE : (top + CROP) * SCALE, left * SCALE : (left + CROP) * SCALE]
        if target[::4, ::4].std() < 12 and rng.random() < 0.9:
            continue
        through = rng.random() < THROUGH_AUTOENCODER
        given = small[k, top : top + CROP, left : left + CROP] if through else reduced(np.asarray(target), rng)
        turns, mirrored = rng.integers(4), rng.random() < 0.5
        pair = [np.rot90(part, turns)[:, :: -1 if mirrored else 1] for part in (given, target)]
        inputs.append(pair[0])
        targets.append(pair[1])
    return as_tensor(np.stack(inputs)), as_tensor(np.stack(targets))
