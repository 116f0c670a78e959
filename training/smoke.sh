#!/bin/sh
# Every stage once, small: `training/smoke.sh WORK [SECONDS]`. It shows that the recipe runs, not good pictures.
# SECONDS is what each training stage gets. PYTHON names the interpreter whose environment holds requirements.txt.
set -eu
work=${1:?Say where to work: training/smoke.sh WORK [SECONDS]}
seconds=${2:-60}
python=${PYTHON:-python3}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
work=$(cd "$work" && pwd)
cd "$here"

[ -d node_modules ] || npm ci --no-audit --no-fund
stage() {
  echo "== $*"
  "$@"
}
stage node art/draw.mjs "$work"
stage "$python" -m scenes.compose --work "$work" --held-out --pictures 48
stage "$python" -m scenes.compose --work "$work" --shards 1 --pictures 256
stage "$python" -m networks.tokenizer --work "$work"
stage "$python" -m train.autoencoder --work "$work" --seconds "$seconds"
stage "$python" -m train.cache --work "$work"
stage "$python" -m train.unet --work "$work" --seconds "$seconds" --batch 32
stage "$python" -m networks.export --work "$work" --out "$work/easel"
stage "$python" -m train.sharpen --work "$work" --painter "$work/easel" --seconds "$seconds"
stage "$python" -m measure.judge --work "$work" --seconds "$seconds"
stage "$python" -m measure.judge --work "$work" --about colour --seconds "$seconds"
stage "$python" -m measure.styles --work "$work" --seconds "$seconds"
stage "$python" -m networks.export --work "$work" --out "$work/easel" --vae vae-sharp
stage "$python" -m measure.sheet --model "$work/easel" --out "$work/prompts.jpg" --seeds 1 --steps 5
stage node art/draw.mjs "$work" --large --side 96
stage "$python" -m train.upscaler --work "$work" --vae "$work/easel/vae" --pictures 24 --seconds "$seconds"
stage "$python" -m measure.evaluate --work "$work" --model "$work/easel" --every 80 --each 2 --steps 5
stage "$python" -m measure.card --model "$work/easel" --report "$work/evaluation/model.json"
echo "The page of prompts is $work/prompts.jpg, the upscaler's sheet $work/upscaler/sheet.png."
