"""Checks every model of a manifest with onnx.checker and runs it in Python's ONNX Runtime: the same numbers must come out.
Called by other-runtime.slow.test.ts; needs onnx, onnxruntime and numpy.

  python check.py MANIFEST.json
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

TYPES = {"float32": np.float32, "int32": np.int32}
manifest = Path(sys.argv[1])


def array(entry: dict) -> np.ndarray:
    return np.fromfile(manifest.parent / entry["file"], TYPES[entry["type"]]).reshape(entry["shape"])


failed = False
for model in json.loads(manifest.read_text()):
    path = manifest.parent / model["model"]
    onnx.checker.check_model(str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(list(model["outputs"]), {name: array(entry) for name, entry in model["inputs"].items()})
    for (name, entry), values in zip(model["outputs"].items(), got):
        want = array(entry)
        difference = float(np.abs(values - want).max()) if values.shape == want.shape else float("inf")
        ok = difference <= 1e-5 * max(1, float(np.abs(want).max()))
        failed |= not ok
        print(f"{'ok' if ok else 'FAILED'}: {model['model']} {name} {list(values.shape)} differs by {difference:.2g}")
sys.exit(failed)
