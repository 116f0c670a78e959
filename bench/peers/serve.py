"""The other side of bench/peers/peer.ts: an order a line on stdin, an answer a line on stdout."""
import json
import os
import sys
import time

import numpy as np


def serve(settings, orders):
    """orders: functions by name; each takes the order, and may return what is added to the answer."""
    # Libraries print: their lines go where errors go.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        order = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            if order["do"] not in orders:
                raise ValueError(f"cannot do \"{order['do']}\"")
            more = orders[order["do"]](order) or {}
            answer = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, **more}
        except Exception as error:
            answer = dict(error=f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"[:300])
        print(json.dumps(answer), file=answers, flush=True)


def taken(settings, *shape, factor=1.0):
    """The first numbers of the file that all programs take their input from."""
    count = int(np.prod(shape))
    return np.fromfile(settings["noise"], np.float32, count).reshape(shape) * np.float32(factor)


def write(order, values):
    if "out" in order:
        np.ascontiguousarray(values, np.float32).tofile(order["out"])
