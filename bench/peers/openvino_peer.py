"""OpenVINO as one of the programs that bench/main.ts compares. It takes diffusers' networks, converted in another process,
whose memory is not counted. precision: f32 or bf16."""
import json
import os
import subprocess
import sys

from serve import serve, taken, write

settings = json.loads(sys.argv[1])
folder = os.path.join(settings["scratch"], "openvino")
networks = {}


def convert():
    import openvino as ov
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel

    class Unet(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.unet = UNet2DConditionModel.from_pretrained(os.path.join(settings["model"], "unet")).eval()

        def forward(self, sample, timestep, context):
            return self.unet(sample, timestep, context, return_dict=False)[0]

    class Decoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.vae = AutoencoderKL.from_pretrained(os.path.join(settings["model"], "vae")).eval()

        def forward(self, latents):
            return self.vae.decode(latents, return_dict=False)[0]

    with torch.no_grad():
        unet = Unet()
        width = unet.unet.config.cross_attention_dim
        example = (torch.zeros(2, 4, 64, 64), torch.tensor(500), torch.zeros(2, 77, width))
        for name, network, inputs in (("decoder", Decoder(), (torch.zeros(1, 4, 64, 64),)), ("unet", unet, example)):
            model = ov.convert_model(network, example_input=inputs)
            ov.save_model(model, os.path.join(folder, f"{name}.xml"), compress_to_fp16=False)
    with open(os.path.join(folder, "width"), "w") as file:
        file.write(str(width))


def open_networks(order):
    import openvino as ov

    if not os.path.exists(os.path.join(folder, "width")):
        os.makedirs(folder, exist_ok=True)
        run = subprocess.run([sys.executable, __file__, sys.argv[1], "convert"], capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError((run.stderr.strip().splitlines() or ["the conversion ended"])[-1])
    with open(os.path.join(folder, "width")) as file:
        networks["width"] = int(file.read())
    core = ov.Core()
    options = {"INFERENCE_PRECISION_HINT": settings.get("precision", "f32"), "PERFORMANCE_HINT": "LATENCY"}
    for name in ("unet", "decoder"):
        networks[name] = core.compile_model(os.path.join(folder, f"{name}.xml"), "CPU", options)
    return dict(version=f"openvino {ov.__version__.split('-')[0]}")


def step(order):
    import numpy as np

    batch, latent = order["batch"], order["latent"]
    context = taken(settings, batch, order["tokens"], networks["width"])
    write(order, networks["unet"]([taken(settings, batch, 4, latent, latent), np.array(500), context])[0])


def decode(order):
    latent = order["latent"]
    write(order, networks["decoder"]([taken(settings, 1, 4, latent, latent, factor=5)])[0])


if sys.argv[2:] == ["convert"]:
    convert()
else:
    serve(settings, {"open": open_networks, "step": step, "decode": decode})
