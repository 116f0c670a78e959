"""What bench/full-size.ts compares with: diffusers' UNet and VAE of SD v1's size on PyTorch, CPU, 512x512, batch 2.

    python bench/full_size_diffusers.py checkpoint.ckpt|random float32|bfloat16 [steps]

The CompVis file's own tensors are loaded where its keys can be mapped by diffusers; `random` takes weights at random,
which cost the same time.
"""
import resource
import sys
import time
import types

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

dtype = getattr(torch, sys.argv[2])
steps = int(sys.argv[3]) if len(sys.argv) > 3 else 2
torch.manual_seed(0)


def timed(what, work):
    wall, cpu = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        result = work()
    print(f"{what:24} {time.perf_counter() - wall:7.2f} s {time.process_time() - cpu:7.2f} s CPU   "
          f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", flush=True)
    return result


config = dict(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
if sys.argv[1] == "random":
    unet = timed("UNet, loading", lambda: UNet2DConditionModel(**config).to(dtype).eval())
else:
    import diffusers.loaders.single_file_utils as single_file

    # Names of training code in the file's metadata: nothing of it is used.
    for name in ("pytorch_lightning", "pytorch_lightning.callbacks", "pytorch_lightning.callbacks.model_checkpoint"):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].ModelCheckpoint = type("ModelCheckpoint", (), {})
    state = torch.load(sys.argv[1], map_location="cpu", mmap=True, weights_only=False)["state_dict"]

    def load():
        unet = UNet2DConditionModel(**config)
        unet.load_state_dict(single_file.convert_ldm_unet_checkpoint(state, {**unet.config, "layers_per_block": 2}))
        return unet.to(dtype).eval()

    unet = timed("UNet, loading", load)
latents, context = torch.randn(2, 4, 64, 64, dtype=dtype), torch.randn(2, 77, 768, dtype=dtype)
for _ in range(steps):
    timed("UNet", lambda: unet(latents, 500, context).sample)
del unet
vae = AutoencoderKL(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4,
                    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
vae = vae.to(dtype).eval()
for _ in range(2):
    timed("decoder", lambda: vae.decode(torch.randn(1, 4, 64, 64, dtype=dtype)).sample)
