"""What bench/embedded.ts compares with: diffusers on the same folder, float32 on the CPU. Prints one JSON line."""
import json
import resource
import sys
import time

started = time.perf_counter()
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline

folder, steps = sys.argv[1], int(sys.argv[2])
pipe = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None)
pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
pipe.set_progress_bar_config(disable=True)


def paint(count: int) -> float:
    begun = time.perf_counter()
    generator = [torch.Generator().manual_seed(1 + k) for k in range(count)]
    pipe("a red apple", num_images_per_prompt=count, num_inference_steps=steps, guidance_scale=4.0, generator=generator,
         height=128, width=128)
    return time.perf_counter() - begun


paint(1)
first = time.perf_counter() - started
print(json.dumps(dict(first=first, one=paint(1), four=paint(4),
                      memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
