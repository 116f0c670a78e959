"""Words that no caption has, put into captions at times: the text encoder learns to pass over what it does not know.

Without them it takes every strange word for something to be painted: of a model trained on captions alone "a fox" and
its like were right in 94 of 100 pictures, and "here is a fox, as asked" in 41.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from transformers import CLIPTokenizer

SHARE = 0.3  # of the captions
MOST = 4  # words at a time
#: Between them, as in sentences; captions have most of these, too.
LINKS: Final = ("the", "a", "in", "of", "with", "for", "and", "my", "is", "to")
LINKED, COMPOSED = 0.25, 0.2  # shares of links, and of words of two tokens


class UnknownWords:
    """Puts unknown words before, behind and between the words of captions.

    `captions` are token ids [..., TOKENS] of all that is trained on. The words of `held_out` are left out, so that what
    the model is asked in the end is new to it.
    """

    def __init__(self, tokenizer: CLIPTokenizer, captions: Iterable[np.ndarray], held_out: Iterable[str]) -> None:
        self._end: Final = tokenizer.eos_token_id
        known = set(np.unique(np.concatenate([np.unique(ids) for ids in captions])).tolist())
        known.update(*tokenizer([*held_out]).input_ids)
        vocabulary = tokenizer.get_vocab()
        self._ends_word = np.zeros(len(vocabulary), bool)
        for token, at in vocabulary.items():
            self._ends_word[at] = token.endswith("</w>")
        strange = [(token, at) for token, at in vocabulary.items() if at not in known]
        whole = [(token.removesuffix("</w>"), at) for token, at in strange if token.endswith("</w>")]
        self._words = np.array([at for word, at in whole if word.isalpha() and len(word) > 2])
        self._beginnings = np.array([at for token, at in strange if token.isalpha() and len(token) > 1])
        self._links = np.array([vocabulary[f"{word}</w>"] for word in LINKS])
        self._comma = vocabulary[",</w>"]

    def among(self, ids: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Captions [n, TOKENS], of which a SHARE has strange words in it. Empty and full ones stay as they are."""
        chosen = random.random(len(ids)) < SHARE
        return np.stack([self._into(row, random) if one else row for row, one in zip(ids, chosen, strict=True)])

    def _into(self, row: np.ndarray, random: np.random.Generator) -> np.ndarray:
        length = int((row == self._end).argmax())
        phrase = self._phrase(random)
        comma = [self._comma] if random.random() < 0.3 else []
        if length < 2 or length + len(phrase) + len(comma) >= len(row):
            return row
        place = random.random()
        if place < 0.4:
            at, put = 1, [*phrase, *comma]
        elif place < 0.8:
            at, put = length, [*comma, *phrase]
        else:
            at, put = int(random.choice(1 + np.flatnonzero(self._ends_word[row[:length]]))), phrase
        return np.concatenate([row[:at], put, row[at:]])[: len(row)]

    def _phrase(self, random: np.random.Generator) -> list[int]:
        phrase: list[int] = []
        for kind in random.random(random.integers(1, MOST + 1)):
            if kind < LINKED:
                phrase.append(random.choice(self._links))
                continue
            if kind < LINKED + COMPOSED:
                phrase.append(random.choice(self._beginnings))
            phrase.append(random.choice(self._words))
        return phrase
