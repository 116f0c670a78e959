"""The three networks, in diffusers' and transformers' own classes, so that their loaders read what we save."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from config import LATENT, SIZE, TOKENS

WIDTH = 192  # of the text encoder, and so of cross-attention's keys


def autoencoder() -> AutoencoderKL:
    """8x smaller, 4 channels; 3.9 M parameters. Pictures are [n, 3, h, w] in -1..1."""
    return AutoencoderKL(
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(32, 64, 128, 128),
        layers_per_block=1,
        norm_num_groups=16,
        sample_size=SIZE,
    ).to(memory_format=torch.channels_last)


def unet() -> UNet2DConditionModel:
    """20.9 M parameters: levels of 96, 192, 256 channels over 16x16, 8x8, 4x4 latents, no attention at 16x16."""
    return UNet2DConditionModel(
        sample_size=LATENT,
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
