"""Paint with an exported model through diffusers: the reference that the evaluation and the page of prompts use."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
)

from . import fast_cpu
from .models import SIZE

#: What the model's card recommends.
SCALE, STEPS, SAMPLER, SIGMAS = 4, 10, "dpmpp_2m", "karras"
SCHEDULERS: Final = {
    "ddim": DDIMScheduler,
    "plms": PNDMScheduler,
    "euler": EulerDiscreteScheduler,
    "euler_a": EulerAncestralDiscreteScheduler,
    "dpmpp_2m": DPMSolverMultistepScheduler,
}
#: The latents reach 11: a scheduler that clips its prediction to -1..1 would spoil them. Ten even steps of DPM++ 2M
#: make colours run: the last but one leaps to nearly no noise.
OPTIONS: Final[dict[str, dict[str, bool]]] = {
    "ddim": {"clip_sample": False},
    "dpmpp_2m": {"use_karras_sigmas": SIGMAS == "karras"},
}
BATCH = 32


def settings(parser: argparse.ArgumentParser) -> None:
    """The options that say how to paint."""
    parser.add_argument("--size", type=int, default=SIZE, help="pixels a side that the model paints")
    parser.add_argument("--scale", type=float, default=SCALE, help="guidance")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--sampler", choices=SCHEDULERS, default=SAMPLER)


class Painter:
    """An exported folder, ready to paint as `settings` say."""

    def __init__(self, folder: Path, run: argparse.Namespace) -> None:
        fast_cpu.enable()
        self._run = run
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self._pipeline = StableDiffusionPipeline.from_pretrained(
            folder, torch_dtype=torch.float32, local_files_only=True
        )
        self._pipeline.set_progress_bar_config(disable=True)
        self._pipeline.to(self.device)
        self._pipeline.unet.to(memory_format=torch.channels_last)
        self._pipeline.vae.to(memory_format=torch.channels_last)
        self._pipeline.scheduler = SCHEDULERS[run.sampler].from_config(
            self._pipeline.scheduler.config, **OPTIONS.get(run.sampler, {})
        )

    @property
    def vae(self) -> AutoencoderKL:
        return self._pipeline.vae

    @torch.inference_mode()
    def paint(self, prompts: list[str], seeds: list[int]) -> np.ndarray:
        """One picture a prompt, each from its own seed: uint8 [prompts, size, size, 3]."""
        pictures = []
        for at in range(0, len(prompts), BATCH):
            generators = [torch.Generator().manual_seed(seed) for seed in seeds[at : at + BATCH]]
            with torch.autocast(self.device, torch.bfloat16):
                painted = self._pipeline(
                    prompts[at : at + BATCH],
                    height=self._run.size,
                    width=self._run.size,
                    num_inference_steps=self._run.steps,
                    guidance_scale=self._run.scale,
                    generator=generators,
                    output_type="np",
                ).images
            pictures.append((painted * 255).round().astype(np.uint8))
        return np.concatenate(pictures)
