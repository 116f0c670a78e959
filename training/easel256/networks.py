"""The autoencoder, in diffusers' own class, so that every reader of diffusers folders opens what we save."""

from __future__ import annotations

from diffusers import AutoencoderKL

SIZE = 256  # pixels a side

#: Channels of each level, latent channels. Factor 16 has five levels, factor 8 four.
SHAPES = {
    16: ((32, 32, 64, 128, 192), 16),
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
