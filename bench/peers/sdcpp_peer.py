"""stable-diffusion.cpp as one of the programs that bench/main.ts compares. Its binding only paints whole pictures, so a step is
the time between two calls of its progress callback, and a decode is what comes after the last. wtype: f32, f16, q8_0 ..."""
import json
import sys
import time
from importlib.metadata import version

from serve import serve
from stable_diffusion_cpp import StableDiffusion

settings = json.loads(sys.argv[1])
STEPS = 2
kept = {}


def now():
    return time.perf_counter(), time.process_time()


def between(begin, end):
    return dict(wall=end[0] - begin[0], cpu=end[1] - begin[1])


def open_model(order):
    kept["model"] = StableDiffusion(model_path=settings["model"], wtype=settings["wtype"], verbose=False)
    return dict(version=f"stable-diffusion-cpp-python {version('stable-diffusion-cpp-python')}")


def step(order):
    done = []

    def progress(step, steps, seconds):
        if steps == STEPS:
            done.append(now())

    side = 8 * order["latent"]
    kept["model"].generate_image(prompt="a photograph of an astronaut riding a horse", width=side, height=side, cfg_scale=7.5,
                                 sample_method="euler", sample_steps=STEPS, seed=1, progress_callback=progress)
    kept["decode"] = between(done[-1], now())
    return between(done[-2], done[-1])


serve(settings, {"open": open_model, "step": step, "decode": lambda order: kept["decode"]})
