"""Teach the decoder crisp edges: `torchrun --nproc-per-node 2 -m train.sharpen --work WORK` (or `python -m`).

Squared error alone blurs whatever latents leave open. Here a critic looks at patches of true and of decoded pictures
(hinge loss: Lim and Ye 2017; patches: Isola et al. 2017) and the decoder learns to please it and to match what its
layers see (feature matching: Wang et al. 2018), as VQGAN (Esser et al. 2021) does. The encoder stays as it is, so
latents and the UNet remain valid; those of WORK/latents are read.

With --painter FOLDER, an exported model, half of the latents are not true ones but what its UNet makes of them after
noise: so the decoder learns to draw crisp edges from latents as the UNet paints them.

Begins at WORK/VAE, saves WORK/checkpoints/NAME.pt and the averaged weights to WORK/NAME (a diffusers folder).
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks import fast_cpu
from networks.models import (
    alphas_cumprod,
    autoencoder,
    exported_autoencoder,
    exported_text_encoder,
    exported_unet,
)
from scenes.shards import Shards, beside, covered, one_wording

from .autoencoder import as_tensor, edges, psnr, what_counts
from .average import Average
from .course import Course
from .several import Several

WARM_UP = 50  # steps
ALONE = 150  # steps that the critic learns before the decoder listens to it
NOISE = 0.03  # of the true latents: the UNet's are never quite right
GUESSED = (50, 450)  # timesteps from which the UNet guesses latents
MEASURED = 64  # held-out pictures in the log's PSNR


def frame(side: int) -> Tensor:
    """[side, side]: weights of pixels; the border counts more, because convolutions see nothing beyond it."""
    weights = torch.ones(side, side)
    for rows in (weights, weights.T):
        rows[[0, -1]] *= 5
    return weights


class Examples:
    """Pictures with their latents, the words of each and where its things are, drawn at random."""

    def __init__(self, work: Path, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._shards = Shards(work / "latents", lambda file: _of_shard(work, file), "train.cache")

    def batch(self, size: int) -> tuple[np.ndarray, Tensor, Tensor, Tensor]:
        """uint8 [size, h, w, 3], latents [size, 16, 16, 16], token ids [size, TOKENS], covers [size, 1, 16, 16]."""
        pictures, latents, wordings, covers = self._shards.batch(self._random, size)
        ids = torch.from_numpy(one_wording(wordings, self._random))
        return pictures, torch.from_numpy(latents.astype(np.float32)), ids, torch.from_numpy(covered(covers))


def _of_shard(work: Path, file: Path) -> tuple[np.ndarray, ...]:
    pictures = np.load(work / "shards" / file.name, mmap_mode="r")
    return pictures, np.load(file, mmap_mode="r"), beside(file, "tokens"), beside(file, "covers")


class Guesses:
    """What an exported model's UNet takes noisy latents for."""

    def __init__(self, folder: Path, device: str) -> None:
        self._unet = exported_unet(folder / "unet").to(device, memory_format=torch.channels_last).eval()
        self._text_encoder = exported_text_encoder(folder / "text_encoder").to(device).eval()
        self._kept = alphas_cumprod().to(device)

    @torch.no_grad()
    def of(self, latents: Tensor, ids: Tensor) -> Tensor:
        t = torch.randint(*GUESSED, (len(latents),), device=latents.device)
        a = self._kept[t].view(-1, 1, 1, 1)
        noisy = a.sqrt() * latents + (1 - a).sqrt() * torch.randn_like(latents)
        v = self._unet(noisy, t, self._text_encoder(ids).last_hidden_state).sample.float()
        return a.sqrt() * noisy - (1 - a).sqrt() * v


class Critic(nn.Module):
    """Pictures [n, 3, h, w] to each layer's features; the last is one number a patch of 54 pixels: high is true."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 32, 64, 128)
        self.layers = nn.ModuleList(
            [nn.Conv2d(a, b, 4, 2, 1) for a, b in pairwise(widths)]
            + [nn.Conv2d(128, 128, 3, 1, 1), nn.Conv2d(128, 1, 3, 1, 1)]
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for at, layer in enumerate(self.layers):
            x = layer(x if at == 0 else F.leaky_relu(x, 0.2))
            found.append(x)
        return found


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--vae", default="vae", help="folder of the autoencoder to begin at, in WORK")
    parser.add_argument("--name", default="vae-sharp")
    parser.add_argument("--painter", type=Path, help="an exported model, to whose UNet the decoder gets used")
    parser.add_argument("--batch", type=int, default=4, help="of each process")
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--adversarial", type=float, default=0.015, help="weight of the critic's opinion")
    parser.add_argument("--matching", type=float, default=0.15, help="weight of its layers' differences")
    parser.add_argument("--seconds", type=float, default=1800, help="budget in seconds of CPU time of a process")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    run = options()
    torch.set_num_threads(run.threads)
    fast_cpu.enable()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    several = Several.join(device)
    held_out = np.load(run.work / "shards" / "held-out.npy", mmap_mode="r")
    vae = exported_autoencoder(run.work / run.vae)
    vae.to(device, memory_format=torch.channels_last)
    measured = autoencoder().to(device).eval()
    measured.register_to_config(scaling_factor=vae.config.scaling_factor)
    critic = Critic().to(device, memory_format=torch.channels_last)
    learning = nn.ModuleDict({"vae": vae, "critic": critic})
    decoder = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    groups = [{"params": decoder, "peak": run.rate}, {"params": [*critic.parameters()], "peak": 2 * run.rate}]
    optimiser = torch.optim.AdamW(groups, lr=0, betas=(0.5, 0.99), weight_decay=1e-4, fused=True)
    average = Average(vae, 0.998)
    course = Course(run.work, run.name, run.seconds, learning, optimiser, average, several, device)

    def write() -> None:
        average.copy_to(measured)
        with torch.autocast(device, torch.bfloat16):
            quality, _ = psnr(measured, held_out[:MEASURED], device)
        measured.save_pretrained(run.work / run.name)
        course.log(f"{course.passed:.0f} s step {course.step} held out: {quality:.2f} dB")

    examples = Examples(run.work, time.time_ns() + several.rank)
    torch.manual_seed(time.time_ns() % 2**31 + several.rank)
    guesses = Guesses(run.painter, device) if run.painter else None
    scaling = vae.config.scaling_factor
    bordered = frame(held_out.shape[1]).to(device)
    told: list[list[float]] = []
    while course.goes_on:
        falling = min(1.0, (course.step + 1) / WARM_UP) * max(0.05, min(1.0, 2 - 2 * course.done))
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * falling
        pictures, latents, ids, covers = examples.batch(run.batch)
        wanted, latents = as_tensor(pictures, device), latents.to(device, memory_format=torch.channels_last)
        with torch.autocast(device, torch.bfloat16):
            latents = latents + torch.randn_like(latents) * NOISE
            if guesses:
                half = run.batch // 2
                latents = torch.cat([guesses.of(latents[:half], ids[:half].to(device)), latents[half:]])
            painted = vae.decode(latents / scaling).sample
            true, false = critic(wanted), critic(painted.detach())
            of_critic = F.relu(1 - true[-1]).mean() + F.relu(1 + false[-1]).mean()
            critic.requires_grad_(False)
            opinion = critic(painted)
            matching = sum(
                (F.l1_loss(a.float(), b.float().detach()) / b.float().detach().abs().mean())
                for a, b in zip(opinion[:-1], true[:-1], strict=True)
            )
            critic.requires_grad_(True)
        wrong = painted.float() - wanted
        counts = bordered * what_counts(covers.to(device), len(bordered))
        plain = ((15 * wrong.square() + wrong.abs()) * counts).mean()
        loss = plain + 0.3 * edges(painted.float(), wanted)
        if course.step >= ALONE:
            loss = loss + run.adversarial * -opinion[-1].float().mean() + run.matching * matching
        optimiser.zero_grad(set_to_none=True)
        (loss + of_critic).backward()
        several.mean_gradients([*decoder, *critic.parameters()])
        nn.utils.clip_grad_norm_(decoder, 1.0)
        nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        optimiser.step()
        average.update(vae, course.step)
        course.took(run.batch)
        told.append([plain.item(), of_critic.item(), float(matching.detach())])
        if course.step % 50 == 0:
            pixels, judged, matched = np.mean(told[-50:], 0)
            progress = f"{course.passed:.0f} s step {course.step}"
            course.log(f"{progress} pixels {pixels:.4f} critic {judged:.3f} matching {matched:.3f}")
        course.save_when_due(write)
    course.end(write)


if __name__ == "__main__":
    main()
