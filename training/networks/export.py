"""Write the model as it stands: `python -m networks.export --work WORK --out FOLDER [--name unet] [--vae vae]`.

The averaged weights of WORK/checkpoints/NAME.pt with WORK/VAE and WORK/tokenizer, as a diffusers folder
(StableDiffusionPipeline): the UNet's matrices and convolutions as 8-bit floats, all else in half precision. Prints each
weights file's size and SHA-256, as the model card states them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import CLIPTokenizer

from .models import TOKENS, text_encoder, unet

LOG_VARIANCE = -20.0  # of SD v1's size
#: What is kept small: three bits of fraction and no scale, as every reader of safetensors knows.
KEPT_AS = torch.float8_e4m3fn


def kept_small(weight: torch.Tensor) -> bool:
    """Matrices and convolutions."""
    return weight.ndim > 1


def eight_bits(network: nn.Module) -> dict[str, torch.Tensor]:
    """Its matrices and convolutions as 8-bit floats.

    It halves the download, and the end of the training is with weights so rounded (train/rounded.py). Not for the other
    two networks: the decoder's error is what the eye sees, and transformers would compute the text encoder in 8 bits,
    not widen it.
    """
    weights = network.state_dict()
    return {name: weight.to(KEPT_AS).contiguous() for name, weight in weights.items() if kept_small(weight)}


@torch.no_grad()
def without_variance(vae: AutoencoderKL) -> AutoencoderKL:
    """Its posterior a point: only the mean is trained, and what starts from a picture draws from the whole of it."""
    half = vae.config.latent_channels
    vae.quant_conv.weight[half:] = 0
    vae.quant_conv.bias[half:] = LOG_VARIANCE
    return vae


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--name", default="unet", help="of the checkpoint, in WORK/checkpoints")
    parser.add_argument("--vae", default="vae", help="folder of the autoencoder, in WORK")
    run = parser.parse_args()
    tokenizer = CLIPTokenizer.from_pretrained(run.work / "tokenizer", model_max_length=TOKENS)
    both = nn.ModuleDict({"unet": unet(), "text_encoder": text_encoder(tokenizer)})
    saved = torch.load(run.work / "checkpoints" / f"{run.name}.pt", map_location="cpu")
    both.load_state_dict(saved["average"])
    # SD v1's scheduler, as its own file has it but for the v. Without clip_sample, a DDIM would clip the latents.
    scheduler = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1,
        prediction_type="v_prediction",
    )  # fmt: skip
    pipeline = StableDiffusionPipeline(
        vae=without_variance(AutoencoderKL.from_pretrained(run.work / run.vae, low_cpu_mem_usage=False)),
        text_encoder=both["text_encoder"],
        tokenizer=tokenizer,
        unet=both["unet"],
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    in_eight_bits = eight_bits(both["unet"])
    pipeline.to(torch.float16).save_pretrained(run.out)
    file = run.out / "unet" / "diffusion_pytorch_model.safetensors"
    save_file(load_file(file) | in_eight_bits, file, metadata={"format": "pt"})
    settings = run.out / "scheduler" / "scheduler_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "clip_sample": False}, indent=2) + "\n")
    for file in run.out.glob("*/config.json"):  # without the path that the part was loaded from
        described = json.loads(file.read_text())
        described.pop("_name_or_path", None)
        file.write_text(json.dumps(described, indent=2) + "\n")
    print(f"{saved['step']} steps, {saved['seen']} samples")
    for file in sorted(run.out.rglob("*.safetensors")):
        print(f"{file.relative_to(run.out)} {file.stat().st_size} {hashlib.sha256(file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
