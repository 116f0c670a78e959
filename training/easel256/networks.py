"""The three networks, in diffusers' and transformers' own classes, so that their loaders read what we save."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor

from networks import text_encoder

__all__ = ["SHAPES", "SIZE", "autoencoder", "text_encoder", "unet", "widened"]

SIZE = 256  # pixels a side

#: Channels of each level, latent channels. Factor 16 has five levels, factor 8 four.
SHAPES = {
    16: ((32, 32, 64, 128, 128), 16),
    8: ((32, 32, 64, 128), 4),
}


def autoencoder(factor: int = 16) -> AutoencoderKL:
    """Pictures [n, 3, h, w] in -1..1 to latents [n, channels, h / factor, w / factor] and back.

    No attention in its middle: 256 positions of a picture's coarse layout are the UNet's business, and a decoder
    without attention paints pictures of any size alike.
    """
    channels, latents = SHAPES[factor]
    levels = len(channels)
    return AutoencoderKL(
        latent_channels=latents,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=channels,
        layers_per_block=1,
        norm_num_groups=16,
        sample_size=SIZE,
        mid_block_add_attention=False,
    )


def unet(channels: int = 16) -> UNet2DConditionModel:
    """21 M parameters: levels of 96, 192, 256 channels over 16x16, 8x8, 4x4 latents, no attention at 16x16."""
    return UNet2DConditionModel(
        sample_size=SIZE // 16,
        in_channels=channels,
        out_channels=channels,
        layers_per_block=1,
        block_out_channels=(96, 192, 256),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=192,
        attention_head_dim=4,
    ).to(memory_format=torch.channels_last)


def widened(old: UNet2DConditionModel) -> UNet2DConditionModel:
    """A UNet of fewer latent channels with new ones beside them, which begin at small numbers."""
    new = unet()
    with torch.no_grad():
        for name, weights in old.state_dict().items():
            into = new.state_dict()[name]
            if into.shape == weights.shape:
                into.copy_(weights)
            else:
                _corner(into, weights)
    return new


def _corner(new: Tensor, old: Tensor) -> None:
    new.mul_(0.3)
    new[tuple(slice(side) for side in old.shape)] = old
