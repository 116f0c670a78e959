"""What diffusers' pipeline paints with the model that ships: embeddings, latents, sigmas and timesteps that a caller chose, and the
decoder's numbers. Embeddings and latents are torch.randn of a seed, which the test draws again; kept is every 41st number.

  python steps.py   writes test/fixtures/steps.json   (torch 2, diffusers 0.42)
"""
import json
from pathlib import Path

import torch
from diffusers import DPMSolverMultistepScheduler, EulerDiscreteScheduler, LCMScheduler, StableDiffusionPipeline

ROOT = Path(__file__).parent.parent.parent
[MODEL] = (ROOT / "models").glob("easel-*")
SIGMAS = [14.6, 6.5, 2.7, 1.1, 0.3, 0.0]
TIMESTEPS = [999, 845, 730, 587, 310, 39]


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def main():
    pipe = StableDiffusionPipeline.from_pretrained(MODEL, safety_checker=None, feature_extractor=None).to(torch.float32)
    pipe.set_progress_bar_config(disable=True)
    config = {**pipe.scheduler.config, "timestep_spacing": "linspace"}
    schedulers = {
        "euler": EulerDiscreteScheduler.from_config(config),
        "dpmpp_2m": DPMSolverMultistepScheduler.from_config(config, algorithm_type="dpmsolver++", solver_order=2),
        "lcm": LCMScheduler.from_config(config, original_inference_steps=50),
    }
    width = pipe.text_encoder.config.hidden_size
    tokens = pipe.tokenizer.model_max_length
    common = {
        "prompt_embeds": noise(1, 1, tokens, width),
        "negative_prompt_embeds": noise(2, 1, tokens, width),
        "latents": noise(3, 1, pipe.vae.config.latent_channels, *[64 // pipe.vae_scale_factor] * 2),
        "width": 64,
        "height": 64,
        "guidance_scale": 3.0,
    }
    runs = {
        "euler": {"sigmas": SIGMAS},
        "dpmpp_2m": {"timesteps": TIMESTEPS},
        # Nothing but its first step is free of random numbers.
        "lcm": {"timesteps": TIMESTEPS[:1]},
    }
    found = {"tokens": tokens, "width": width}
    for name, schedule in runs.items():
        pipe.scheduler = schedulers[name]
        seen = []

        def on_step(_, step, timestep, tensors):
            seen.append([step + 1, round(float(timestep), 3)])
            # Halfway, the caller changes the latents.
            return {"latents": tensors["latents"] * 1.1} if step == 1 else {}

        given = {**common, **schedule, "callback_on_step_end": on_step}
        if name == "dpmpp_2m":
            # diffusers begins at sqrt(1 + sigma^2) times the noise, Easel, as k-diffusion, at sigma times.
            pipe.scheduler.set_timesteps(timesteps=TIMESTEPS)
            first = pipe.scheduler.sigmas[0]
            given["latents"] = common["latents"] * (first / (1 + first**2).sqrt())
        latents = pipe(**given, output_type="latent").images
        pictures = pipe(**given, output_type="pt").images
        keep = lambda out: [round(float(value), 5) for value in out.flatten()[::41]]
        found[name] = {**schedule, "seen": seen[: len(seen) // 2], "latents": keep(latents), "pt": keep(pictures)}
    (ROOT / "test/fixtures/steps.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


main()
