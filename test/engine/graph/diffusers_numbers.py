"""What diffusers computes, in float32, from a diffusers folder and the inputs in a folder of raw arrays (manifest.json says which).
Called by diffusers.slow.test.ts; writes the outputs beside the inputs.

  python diffusers_numbers.py MODEL FOLDER
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

model, folder = Path(sys.argv[1]), Path(sys.argv[2])
shapes = json.loads((folder / "manifest.json").read_text())
given = {
    name: torch.from_numpy(np.fromfile(folder / name, np.int32 if name == "ids" else np.float32).reshape(shape))
    for name, shape in shapes.items()
}
text = CLIPTextModel.from_pretrained(model / "text_encoder").float().eval()
unet = UNet2DConditionModel.from_pretrained(model / "unet").float().eval()
vae = AutoencoderKL.from_pretrained(model / "vae").float().eval()
with torch.no_grad():
    context = text(given["ids"].long()).last_hidden_state
    posterior = vae.encode(given["picture"]).latent_dist
    outputs = dict(
        context=context,
        eps=unet(given["latents"], given["timesteps"], context).sample,
        decoded=vae.decode(given["latents"]).sample,
        mean=posterior.mean,
        logvar=posterior.logvar,
    )
for name, values in outputs.items():
    values.contiguous().numpy().tofile(folder / name)
