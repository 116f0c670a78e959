"""Train the autoencoder: `torchrun --nproc-per-node 2 -m easel256.train_autoencoder --work WORK` (or `python -m`).

Reads WORK/shards/*.npy (uint8 pictures), measures on WORK/shards/held-out.npy, saves WORK/checkpoints/NAME.pt every few
minutes and goes on from there when started again; every save also writes the averaged weights to WORK/NAME (a diffusers
folder) with the scaling_factor that gives latents a standard deviation of one. The budget (--seconds) is the process's
own CPU time, so that a run beside other work is as long as one on a quiet machine.

What was learnt the hard way is in train_autoencoder.py, one folder up: the mode first and noise later, edges only after
the first steps, smooth losses, eager mode. Crops are cheap to learn from, but group norms look at whole pictures: end
every run with a stage on whole pictures (--crop 256).
"""

from __future__ import annotations

import argparse
import math
import signal
import threading
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import fast_cpu
from average import Average
from checkpoint import Checkpoint
from runlog import Log
from train_autoencoder import as_tensor, edges, psnr, smooth

from .inherit import inherit
from .networks import SHAPES, SIZE, autoencoder
from .several import Several
from .shards import Pictures

WARM_UP = 100  # steps
RAMP = 400  # steps after which the noise and the edge term come in, and over which they do
NOISE = 0.05  # of the latents' own standard deviation
SAVE_EVERY = 240.0  # seconds of wall time
MEASURED = 96  # held-out pictures in the log's PSNR


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--name", default="vae")
    parser.add_argument("--factor", type=int, choices=sorted(SHAPES), default=16)
    parser.add_argument("--inherit", type=Path, help="easel-128's autoencoder, to begin from (factor 16)")
    parser.add_argument("--crop", type=int, default=SIZE, help="pixels a side that one example shows")
    parser.add_argument("--batch", type=int, default=3, help="of each process")
    parser.add_argument("--rate", type=float, default=5e-4, help="peak learning rate")
    parser.add_argument("--floor", type=float, default=0.05, help="part of the peak rate that is left at the end")
    parser.add_argument("--seconds", type=float, default=36_000, help="budget in seconds of CPU time")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    run = options()
    torch.set_num_threads(run.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    fast_cpu.enable()
    (run.work / "checkpoints").mkdir(parents=True, exist_ok=True)
    (run.work / "logs").mkdir(exist_ok=True)
    several = Several.join(device)
    log = Log(run.work / "logs" / f"{run.name}.log") if several.rank == 0 else lambda _: None
    pictures, held_out = Pictures(run.work / "shards"), np.load(run.work / "shards" / "held-out.npy", mmap_mode="r")
    vae = (inherit(run.inherit) if run.inherit else autoencoder(run.factor)).to(
        device, memory_format=torch.channels_last
    )
    weights = list(vae.parameters())
    optimiser = torch.optim.AdamW(weights, lr=0, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    average, step, seen, passed = Average(vae, 0.999), 0, 0, 0.0
    checkpoint = Checkpoint(run.work / "checkpoints" / f"{run.name}.pt", vae, optimiser, average)
    if saved := checkpoint.restore(device):
        step, seen, passed = saved["step"], saved["seen"], saved["seconds"]
        log(f"continuing from step {step}, {seen} pictures, {passed:.0f} s")
    several.begin_alike(weights)

    averaged = autoencoder(run.factor).to(device).eval()

    def save() -> None:
        if several.rank:
            return
        checkpoint.save(step=step, seen=seen, seconds=passed)
        average.copy_to(averaged)
        with torch.autocast(device, torch.bfloat16):
            quality, deviation = psnr(averaged, held_out[:MEASURED], device)
        averaged.register_to_config(scaling_factor=1 / deviation)
        averaged.save_pretrained(run.work / run.name)
        log(f"{passed:.0f} s step {step} held out: {quality:.2f} dB, latents' standard deviation {deviation:.3f}")

    begun, before, last_save = time.process_time(), passed, time.monotonic()
    random = np.random.default_rng()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    losses: list[float] = []
    stopped = 0.0
    while passed < run.seconds and not stopped:
        falling = run.floor + (1 - run.floor) * (0.5 + 0.5 * math.cos(math.pi * passed / run.seconds))
        for group in optimiser.param_groups:
            group["lr"] = run.rate * min(1, (step + 1) / WARM_UP) * falling
        ramp = min(1.0, max(0.0, (step - RAMP) / RAMP))
        wanted = as_tensor(pictures.batch(random, run.batch, run.crop), device)
        with torch.autocast(device, torch.bfloat16):
            latents = vae.encode(wanted).latent_dist.mode()
            noise = torch.randn_like(latents) * latents.detach().std() * NOISE * ramp
            painted = vae.decode(latents + noise).sample
        painted = painted.float()
        loss = 10 * F.mse_loss(painted, wanted) + 0.3 * smooth(painted - wanted) + 0.15 * ramp * edges(painted, wanted)
        loss = loss + 1e-3 * ramp * latents.float().square().mean()  # keeps the latents' scale in bounds
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        several.mean_gradients(weights)
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        average.update(vae, step)
        step, seen = step + 1, seen + run.batch * several.world
        stopped, passed = several.largest(stopping.is_set(), before + time.process_time() - begun)
        losses.append(loss.item())
        if step % 50 == 0:
            log(f"{passed:.0f} s step {step} pictures {seen} loss {np.mean(losses[-50:]):.4f}")
        if time.monotonic() - last_save > SAVE_EVERY:
            save()
            last_save = time.monotonic()
    save()
    log(f"{'stopped' if stopped else 'done'}: {step} steps, {seen} pictures, {passed:.0f} s")


if __name__ == "__main__":
    main()
