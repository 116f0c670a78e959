"""Cache the pictures' latents and the captions' tokens: `python latents.py --work WORK [--vae FOLDER]`.

Writes latents.npy (float16 [kept, 4, 16, 16], scaled by the autoencoder's scaling_factor) and tokens.npy (int16
[kept, wordings, 32]) of the captioned pictures outside the held-out ones. The posterior's mode is taken.
"""

from __future__ import annotations

import json
import time

import numpy as np
import torch
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

import config
import fast_cpu
from networks import tokens

BATCH = 32


@torch.inference_mode()
def main() -> None:
    options = config.parser(__doc__)
    options.add_argument("--vae", help="diffusers folder of the autoencoder (default: WORK/vae)")
    run = config.settings(options)
    fast_cpu.enable()
    vae = AutoencoderKL.from_pretrained(run.options.vae or run.path("vae"), torch_dtype=torch.float32)
    vae.to(run.device, memory_format=torch.channels_last).eval()
    captions: list[list[str]] = json.loads(run.path("captions.json").read_text())
    kept = [i for i, wordings in enumerate(captions) if wordings and i >= run.budget.held_out]
    pictures = np.load(run.path("pictures.npy"), mmap_mode="r")

    tokenizer = CLIPTokenizer.from_pretrained(run.path("tokenizer"))
    flat = tokens(tokenizer, [wording for i in kept for wording in captions[i]])
    np.save(run.path("tokens.npy"), flat.view(len(kept), -1, config.TOKENS).numpy().astype(np.int16))

    shape = (len(kept), 4, config.LATENT, config.LATENT)
    out = np.lib.format.open_memmap(run.path("latents.npy"), "w+", np.float16, shape)
    start = time.monotonic()
    for at in range(0, len(kept), BATCH):
        batch = torch.from_numpy(pictures[kept[at : at + BATCH]]).permute(0, 3, 1, 2).to(run.device)
        with torch.autocast(run.device, torch.bfloat16):
            mode = vae.encode(batch.float() / 127.5 - 1).latent_dist.mode()
        out[at : at + BATCH] = (mode.float() * vae.config.scaling_factor).half().cpu().numpy()
        if at % (BATCH * 40) == 0:
            print(f"{at + len(batch)} of {len(kept)} pictures, {time.monotonic() - start:.0f} s", flush=True)
    out.flush()
    print(f"standard deviation {out[:2000].astype(np.float32).std():.3f} (1 is meant)")


if __name__ == "__main__":
    main()
