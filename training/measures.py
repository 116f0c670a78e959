"""What can be read from pixels: which colour, which background, how many. Pictures are uint8 [128, 128, 3]."""

from __future__ import annotations

import colorsys

import numpy as np

from words import BACKGROUNDS, HUES

GROUNDS = {"white": (255, 255, 255), **BACKGROUNDS}


def ground(picture: np.ndarray) -> np.ndarray:
    """The background's colour: the median of a frame 4 pixels wide."""
    edges = [picture[:4], picture[-4:], picture[:, :4], picture[:, -4:]]
    return np.median(np.concatenate([edge.reshape(-1, 3) for edge in edges]), axis=0)


def background(picture: np.ndarray) -> str:
    """The named background that is nearest."""
    seen = ground(picture)
    return min(GROUNDS, key=lambda name: float(np.square(seen - GROUNDS[name]).sum()))


def foreground(picture: np.ndarray, apart: float = 40) -> np.ndarray:
    """Where the picture differs from its background, bool [128, 128]; `apart` is a distance in RGB."""
    return np.sqrt(np.square(picture - ground(picture)).sum(-1)) > apart


def colour(picture: np.ndarray) -> str:
    """The named hue that most of the object's colour lies nearest to, each pixel weighed by how colourful it is."""
    votes = dict.fromkeys(HUES, 0.0)
    for red, green, blue in picture[foreground(picture)][::7] / 255:
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
        nearest = min(HUES, key=lambda name: abs((hue * 360 - HUES[name] + 180) % 360 - 180))
        votes[nearest] += saturation * value
    return max(votes, key=lambda name: votes[name])


def count(picture: np.ndarray) -> int:
    """How many separate things stand on the background: connected regions of at least 1.5% of the picture."""
    mask = foreground(picture)
    for _ in range(2):  # bridge gaps of a few pixels inside one thing
        grown = mask.copy()
        grown[1:] |= mask[:-1]
        grown[:-1] |= mask[1:]
        grown[:, 1:] |= mask[:, :-1]
        grown[:, :-1] |= mask[:, 1:]
        mask = grown
    found = 0
    seen = np.zeros_like(mask)
    for y, x in zip(*np.nonzero(mask), strict=True):
        if seen[y, x]:
            continue
        area, front = 0, [(y, x)]
        seen[y, x] = True
        while front:
            i, j = front.pop()
            area += 1
            for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                if 0 <= a < mask.shape[0] and 0 <= b < mask.shape[1] and mask[a, b] and not seen[a, b]:
                    seen[a, b] = True
                    front.append((a, b))
        found += area >= 0.015 * mask.size
    return found
