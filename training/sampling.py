"""Paint with an exported model through diffusers: the reference that evaluation and grids use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
)

import config
import fast_cpu

SCHEDULERS = {
    "ddim": DDIMScheduler,
    "plms": PNDMScheduler,
    "euler": EulerDiscreteScheduler,
    "euler_a": EulerAncestralDiscreteScheduler,
    "dpmpp_2m": DPMSolverMultistepScheduler,
}
BATCH = 32


class Painter:
    """An exported folder, ready to paint."""

    def __init__(self, folder: Path, device: str) -> None:
        fast_cpu.enable()
        self.device = device
        self.pipeline = StableDiffusionPipeline.from_pretrained(
            folder, torch_dtype=torch.float32, local_files_only=True
        )
        self.pipeline.set_progress_bar_config(disable=True)
        self.pipeline.to(device)
        self.pipeline.unet.to(memory_format=torch.channels_last)
        self.pipeline.vae.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def paint(
        self,
        prompts: list[str],
        seeds: list[int],
        scale: float = config.GUIDANCE,
        steps: int = config.STEPS,
        sampler: str = "ddim",
        size: int = config.SIZE,
    ) -> np.ndarray:
        """One picture a prompt, each from its own seed: uint8 [prompts, size, size, 3]."""
        # The latents reach 11: a scheduler that clips its prediction to -1..1 would spoil them.
        options = {"clip_sample": False} if sampler == "ddim" else {}
        self.pipeline.scheduler = SCHEDULERS[sampler].from_config(self.pipeline.scheduler.config, **options)
        pictures = []
        for at in range(0, len(prompts), BATCH):
            generators = [torch.Generator().manual_seed(seed) for seed in seeds[at : at + BATCH]]
            with torch.autocast(self.device, torch.bfloat16):
                painted = self.pipeline(
                    prompts[at : at + BATCH],
                    height=size,
                    width=size,
                    num_inference_steps=steps,
                    guidance_scale=scale,
                    generator=generators,
                    output_type="np",
                ).images
            pictures.append((painted * 255).round().astype(np.uint8))
        return np.concatenate(pictures)
