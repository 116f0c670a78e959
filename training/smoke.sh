#!/bin/sh
# Every stage once, small, from an empty folder: `training/smoke.sh WORK`. It shows that the recipe runs, not good pictures.
# PYTHON names the interpreter whose environment holds requirements.txt.
set -eu
work=${1:?Say where to work: training/smoke.sh WORK}
python=${PYTHON:-python3}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
work=$(cd "$work" && pwd)
cd "$here"

[ -d node_modules ] || npm ci --no-audit --no-fund
stage() {
  echo "== $*"
  name=$1
  shift
  "$python" "$name.py" --work "$work" --smoke "$@"
}
echo "== render"
node render.mjs "$work" --smoke
stage compose
stage tokenizer
stage train_autoencoder
stage latents
stage train
stage classifier
stage export --out "$work/export"
stage evaluate --model "$work/export"
stage grids --model "$work/export"
echo "== render, large"
node render.mjs "$work" --smoke --large
stage train_upscaler
