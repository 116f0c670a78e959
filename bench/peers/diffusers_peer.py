"""diffusers on PyTorch as one of the programs that bench/main.ts compares. dtype: float32 or bfloat16."""
import json
import os
import sys

import diffusers
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from serve import serve, taken, write

settings = json.loads(sys.argv[1])
dtype = getattr(torch, settings.get("dtype", "float32"))
layout = torch.channels_last if settings.get("channels_last") else torch.contiguous_format
networks = {}
torch.set_grad_enabled(False)


def load(kind, part):
    path = os.path.join(settings["model"], part)
    return kind.from_pretrained(path, torch_dtype=dtype).eval().to(memory_format=layout)


def tensor(*shape, **more):
    values = torch.from_numpy(taken(settings, *shape, **more)).to(dtype)
    return values.to(memory_format=layout) if values.dim() == 4 else values


def open_networks(order):
    networks["unet"] = load(UNet2DConditionModel, "unet")
    networks["vae"] = load(AutoencoderKL, "vae")
    return dict(version=f"torch {torch.__version__}, diffusers {diffusers.__version__}")


def step(order):
    batch, latent = order["batch"], order["latent"]
    unet = networks["unet"]
    context = tensor(batch, order["tokens"], unet.config.cross_attention_dim)
    eps = unet(tensor(batch, unet.config.in_channels, latent, latent), 500, context).sample
    write(order, eps.float().numpy())


def decode(order):
    vae, latent = networks["vae"], order["latent"]
    write(order, vae.decode(tensor(1, vae.config.latent_channels, latent, latent, factor=5)).sample.float().numpy())


def picture(order):
    """The model that ships, whose folder has everything that a pipeline needs."""
    if "pipe" not in networks:
        pipe = StableDiffusionPipeline.from_pretrained(settings["model"], torch_dtype=dtype, safety_checker=None)
        pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
        pipe.set_progress_bar_config(disable=True)
        networks["pipe"] = pipe
    count, side = order.get("count", 1), order.get("side")
    generator = [torch.Generator().manual_seed(1 + k) for k in range(count)]
    networks["pipe"]("a red apple", num_images_per_prompt=count, num_inference_steps=order["steps"],
                     guidance_scale=settings["request"]["scale"], generator=generator, height=side, width=side)


serve(settings, {"open": open_networks, "step": step, "decode": decode, "picture": picture})
