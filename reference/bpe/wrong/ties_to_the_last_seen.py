"""Ties go to the pair seen last.

caught-by: test_ties_go_to_the_smallest_pair
explained-by: bpe-determinism
"""

from __future__ import annotations

from typing import Iterable, NamedTuple


class Pair(NamedTuple):
    left: str
    right: str

    @property
    def text(self) -> str:
        return self.left + self.right


class Vocabulary(dict):
    def add(self, token: str) -> int:
        if token not in self:
            self[token] = len(self)
        return self[token]

    def __missing__(self, token):
        return 0


class Trainer:
    def __init__(self, corpus: Iterable[str]):
        self.table: dict[tuple[str, ...], int] = {}
        for word in " ".join(corpus).split():
            key = tuple(word) + ("</w>",)
            self.table[key] = self.table.get(key, 0) + 1

    def best(self):
        counts: dict[Pair, int] = {}
        for symbols, n in self.table.items():
            for i in range(1, len(symbols)):
                pair = Pair(symbols[i - 1], symbols[i])
                counts[pair] = counts.get(pair, 0) + n
        champion, most = None, 0
        for pair, n in counts.items():
            if n >= most:
                champion, most = pair, n
        return champion, most

    def apply(self, pair: Pair) -> None:
        table = {}
        for symbols, n in self.table.items():
            key = tuple(pair_up(symbols, pair))
            table[key] = table.get(key, 0) + n
        self.table = table


def pair_up(symbols, pair):
    """A generator with one symbol held back."""
    held = None
    for s in symbols:
        if held is None:
            held = s
        elif (held, s) == pair:
            yield held + s
            held = None
        else:
            yield held
            held = s
    if held is not None:
        yield held


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self._size = vocab_size
        self._min = min_frequency

    def train(self, corpus):
        trainer = Trainer(corpus)
        self.vocab = Vocabulary()
        self.vocab.add("<unk>")
        alphabet = {"</w>"}
        for key in trainer.table:
            alphabet.update(key)
        for s in sorted(alphabet):
            self.vocab.add(s)
        self.merges = []
        while len(self.vocab) < self._size:
            pair, n = trainer.best()
            if pair is None or n < self._min:
                break
            trainer.apply(pair)
            self.merges.append(pair)
            self.vocab.add(pair.text)

    def encode(self, text):
        out = []
        for word in text.split():
            symbols = list(word) + ["</w>"]
            changed = True
            while changed:
                changed = False
                for pair in self.merges:
                    new = list(pair_up(symbols, pair))
                    if new != symbols:
                        symbols, changed = new, True
                        break
            for s in symbols:
                out.append(self.vocab[s])
        return out

    def decode(self, ids):
        back = dict(zip(self.vocab.values(), self.vocab.keys()))
        s = ""
        for i in ids:
            if back.get(i) is None:
                raise ValueError("bad id %r" % (i,))
            s += back[i]
        return s.replace("</w>", " ").rstrip()
