"""What bench/gpu-run.ts compares with: diffusers' UNet of SD v1's size in PyTorch, float16, on the GPU, weights at random."""
import time

import torch
from diffusers import UNet2DConditionModel

assert torch.cuda.is_available()
torch.set_default_dtype(torch.float16)
with torch.device("cuda"):
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8).eval()
with torch.inference_mode():
    for batch in (1, 2, 4, 8, 16):
        x, context = torch.randn(batch, 4, 64, 64, device="cuda"), torch.randn(batch, 77, 768, device="cuda")
        times = []
        for _ in range(4):
            torch.cuda.synchronize()
            start = time.perf_counter()
            unet(x, 500, context)
            torch.cuda.synchronize()
            times.append(time.perf_counter() - start)
        used = torch.cuda.max_memory_allocated() // 2**20
        print(f"| PyTorch {torch.__version__}, float16 | UNet | {batch} | {times[0]:.2f} | {sorted(times[1:])[1]:.3f} | | {used} |", flush=True)
