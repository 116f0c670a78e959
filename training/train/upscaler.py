"""Train the upscaler: `python -m train.upscaler --work WORK --vae FOLDER`, after `node art/draw.mjs WORK --large`.

Its inputs are what it will see: most have gone through the autoencoder that ships, with some noise on their latents, so
that it learns to undo that decoder's blur; the others are plain reductions, blurred, noisy or JPEG. Its targets are the
same scenes, drawn from the SVGs at four times the side. Writes WORK/upscaler/easel-x4.safetensors (half precision) and
a sheet beside Lanczos, and continues from WORK/checkpoints/upscaler.pt when started again. --resume-from FILE begins at
finished weights instead of at interpolation. The budget (--seconds) is the process's own CPU time.

What was learnt the hard way: begin as plain interpolation (Compact._begin), or it learns to add nothing; and losses
round at their foot, since most of a picture is flat.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from networks import fast_cpu
from networks.compact import SCALE, Compact
from networks.models import exported_autoencoder

from .average import Average
from .course import Course
from .pairs import HELD_OUT, as_bytes, as_tensor, batch, compose
from .several import Several

WARM_UP = 100  # steps
SHOWN = 4  # rows of the sheet


def loss_of(painted: Tensor, wanted: Tensor) -> Tensor:
    """Charbonnier with a foot of 0.01, of the pixels and of the differences to their neighbours: edges as steep."""

    def smooth(apart: Tensor) -> Tensor:
        return (apart.square() + 1e-4).sqrt().mean() - 0.01

    apart = painted - wanted
    return smooth(apart) + smooth(apart[..., 1:] - apart[..., :-1]) + smooth(apart[..., 1:, :] - apart[..., :-1, :])


def lanczos(small: np.ndarray) -> np.ndarray:
    sides = (small.shape[1] * SCALE, small.shape[0] * SCALE)
    return np.asarray(Image.fromarray(small).resize(sides, Image.Resampling.LANCZOS))


def psnr(painted: np.ndarray, wanted: np.ndarray) -> float:
    return -10 * math.log10(max(1e-9, float(np.square(painted / 255 - wanted / 255.0).mean())))


@torch.inference_mode()
def judged(network: Compact, folder: Path, large: np.ndarray, small: np.ndarray) -> str:
    """PSNR on held-out scenes through the autoencoder; writes the sheet: Lanczos, the network, the target."""
    ratios, rows = [], []
    for given, wanted in zip(small[:HELD_OUT], large[:HELD_OUT], strict=True):
        ways = lanczos(given), as_bytes(network(as_tensor(given[None])))[0]
        ratios.append([psnr(way, wanted) for way in ways])
        if len(rows) < SHOWN:
            rows.append(np.concatenate([*ways, wanted], 1))
    Image.fromarray(np.concatenate(rows)).save(folder / "sheet.png")
    plain, painted = np.mean(ratios, 0)
    return f"Lanczos {plain:.2f} dB, the network {painted:.2f} dB on held-out pictures"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True, help="folder of the autoencoder whose pictures are enlarged")
    parser.add_argument("--resume-from", type=Path, help="safetensors file to begin from")
    parser.add_argument("--pictures", type=int, default=1_000, help="scenes to compose, 3 MB each")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=8e-4, help="peak learning rate")
    parser.add_argument("--seconds", type=float, default=3_600, help="budget in seconds of CPU time")
    parser.add_argument("--threads", type=int, default=1)
    run = parser.parse_args()
    torch.set_num_threads(run.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    fast_cpu.enable()
    cv2.setNumThreads(1)
    folder = run.work / "upscaler"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "large.npy").exists():
        compose(run.work, run.pictures, exported_autoencoder(run.vae).eval().to(device))
    large, small = np.load(folder / "large.npy", mmap_mode="r"), np.load(folder / "small.npy")
    network = Compact()
    if run.resume_from:
        network.load_state_dict({name: weight.float() for name, weight in load_file(run.resume_from).items()})
    network.to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=0, betas=(0.9, 0.99), fused=True)
    average = Average(network, 0.998)
    course = Course(run.work, "upscaler", run.seconds, network, optimiser, average, Several(0, 1), device)

    def write() -> None:
        best = Compact()
        average.copy_to(best)
        tensors = {name: weight.half().contiguous() for name, weight in best.state_dict().items()}
        save_file(tensors, folder / "easel-x4.safetensors", metadata={"format": "pt"})
        course.log(f"{course.passed:.0f} s step {course.step}: {judged(best.eval(), folder, large, small)}")

    rng = np.random.default_rng()
    while course.goes_on:
        for group in optimiser.param_groups:
            falling = 0.5 + 0.5 * math.cos(math.pi * course.done)
            group["lr"] = run.rate * min(1, (course.step + 1) / WARM_UP) * falling
        given, wanted = (part.to(device) for part in batch(large, small, run.batch, rng))
        with torch.autocast(device, torch.bfloat16):
            painted = network(given.contiguous(memory_format=torch.channels_last))
        loss = loss_of(painted, wanted)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        average.update(network, course.step)
        course.took(run.batch)
        if course.step % 100 == 0:
            course.log(f"{course.passed:.0f} s step {course.step} loss {loss.item():.4f}")
        course.save_when_due(write)
    course.end(write)


if __name__ == "__main__":
    main()
