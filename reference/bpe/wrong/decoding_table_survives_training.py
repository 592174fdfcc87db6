"""The table for decoding made once, at the first use.

caught-by: test_only_its_own_last_training_counts,
  test_ids_of_an_earlier_training_are_unknown
explained-by: bpe-determinism
"""

from collections import Counter, defaultdict
from itertools import pairwise


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency

    def train(self, corpus):
        frequency = Counter(w for t in corpus for w in t.split())
        words = [[*w, "</w>"] for w in frequency]
        weight = list(frequency.values())
        counts, where = Counter(), defaultdict(set)
        for k, symbols in enumerate(words):
            for pair in pairwise(symbols):
                counts[pair] += weight[k]
                where[pair].add(k)
        tokens = ["<unk>"] + sorted({s for w in words for s in w} | {"</w>"})
        self.vocab = {t: i for i, t in enumerate(tokens)}
        self.merges = []
        while len(self.vocab) < self.vocab_size and counts:
            pair, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
            if count < self.min_frequency:
                break
            self.merges.append(pair)
            self.vocab.setdefault(pair[0] + pair[1], len(self.vocab))
            for k in list(where[pair]):
                for old in pairwise(words[k]):
                    counts[old] -= weight[k]
                    where[old].discard(k)
                    if counts[old] <= 0:
                        del counts[old]
                words[k] = merge(words[k], pair)
                for new in pairwise(words[k]):
                    counts[new] += weight[k]
                    where[new].add(k)
        self._rank = {}
        for rank, pair in enumerate(self.merges):
            self._rank.setdefault(pair, rank)

    def encode(self, text):
        return [i for w in text.split() for i in self._word(w)]

    def _word(self, word):
        symbols = [*word, "</w>"]
        while True:
            pairs = [p for p in pairwise(symbols) if p in self._rank]
            if not pairs:
                return [self.vocab.get(s, 0) for s in symbols]
            symbols = merge(symbols, min(pairs, key=self._rank.__getitem__))

    def decode(self, ids):
        if not hasattr(self, "_text"):
            self._text = {i: t for t, i in self.vocab.items()}
        missing = [i for i in ids if i not in self._text]
        if missing:
            raise ValueError(f"ids without a token: {missing}")
        return "".join(self._text[i].replace("</w>", " ") for i in ids).rstrip()


def merge(symbols, pair):
    out = []
    it = iter(range(len(symbols)))
    for i in it:
        if tuple(symbols[i : i + 2]) == pair:
            out.append(symbols[i] + symbols[i + 1])
            next(it)
        else:
            out.append(symbols[i])
    return out
