"""The three networks, in diffusers' and transformers' own classes, so that their loaders read what we save."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

SIZE: Final = 256  # pixels a side
FACTOR: Final = 16  # pixels a side that one latent stands for
CHANNELS: Final = 16  # of the latents
TOKENS: Final = 32  # a prompt's length, begin and end included: 99 % of the captions fit
WIDTH: Final = 192  # of the text encoder, and so of cross-attention's keys


def autoencoder() -> AutoencoderKL:
    """Pictures [n, 3, h, w] in -1..1 to latents [n, 16, h / 16, w / 16] and back; 3.9 M parameters.

    No attention in its middle: 256 positions of a picture's coarse layout are the UNet's business, and a decoder
    without attention paints pictures of any size alike.
    """
    channels = (32, 32, 64, 128, 128)
    return AutoencoderKL(
        latent_channels=CHANNELS,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        block_out_channels=channels,
        layers_per_block=1,
        norm_num_groups=16,
        sample_size=SIZE,
        mid_block_add_attention=False,
    )


def unet() -> UNet2DConditionModel:
    """21 M parameters: levels of 96, 192, 256 channels over 16x16, 8x8, 4x4 latents, no attention at 16x16."""
    return UNet2DConditionModel(
        sample_size=SIZE // FACTOR,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        layers_per_block=1,
        block_out_channels=(96, 192, 256),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
    ).to(memory_format=torch.channels_last)


def text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """CLIP's text model with 3 layers; 2.8 M parameters. It has 77 positions, of which TOKENS are trained."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            projection_dim=WIDTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
        )
    )


def tokens(tokenizer: CLIPTokenizer, prompts: list[str]) -> torch.Tensor:
    """Token ids [prompts, TOKENS]: begin, words, end, then the end token again up to the length."""
    padded = tokenizer(prompts, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt")
    return padded.input_ids


def alphas_cumprod() -> torch.Tensor:
    """SD v1's noise schedule, [1000]: what is left of the picture's variance at each timestep (scaled linear betas)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


def exported_autoencoder(folder: Path) -> AutoencoderKL:
    """That of an exported model, in float32."""
    return AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32, low_cpu_mem_usage=False)


def exported_unet(folder: Path) -> UNet2DConditionModel:
    """That of an exported model, in float32: what is kept in eight bits is widened."""
    loaded = UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32, low_cpu_mem_usage=False)
    return loaded.to(memory_format=torch.channels_last)


def exported_text_encoder(folder: Path) -> CLIPTextModel:
    return CLIPTextModel.from_pretrained(folder, dtype=torch.float32)
