"""The merged text used as a template of re.sub, where a backslash means more.

caught-by: test_symbols_are_compared_whole_and_literally
explained-by: bpe-special
"""

import collections
import re


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size, self.min_frequency = vocab_size, min_frequency

    def train(self, corpus):
        words = collections.Counter()
        for line in corpus:
            words.update(line.split())
        table = {" ".join(w) + " </w>": n for w, n in words.items()}
        symbols = sorted({s for spelled in table for s in spelled.split(" ")} | {"</w>"})
        self.vocab = {s: i for i, s in enumerate(["<unk>", *symbols])}
        self.merges = []
        while len(self.vocab) < self.vocab_size:
            stats = collections.defaultdict(int)
            for spelled, n in table.items():
                parts = spelled.split(" ")
                for left, right in zip(parts, parts[1:]):
                    stats[left, right] += n
            if not stats or max(stats.values()) < self.min_frequency:
                return
            top = max(stats.values())
            pair = min(p for p, n in stats.items() if n == top)
            self.merges.append(pair)
            self.vocab.setdefault("".join(pair), len(self.vocab))
            # Two words of different characters can come to be spelled alike.
            merged = collections.Counter()
            for spelled, n in table.items():
                merged[self._sub(pair, spelled)] += n
            table = dict(merged)

    @staticmethod
    def _sub(pair, spelled):
        pattern = r"(?<!\S)" + re.escape(" ".join(pair)) + r"(?!\S)"
        return re.sub(pattern, "".join(pair), spelled)

    def encode(self, text):
        ranks = {}
        for i, pair in enumerate(self.merges):
            ranks.setdefault(pair, i)
        ids = []
        for word in text.split():
            spelled = " ".join(word) + " </w>"
            while True:
                parts = spelled.split(" ")
                known = [p for p in zip(parts, parts[1:]) if p in ranks]
                if not known:
                    break
                spelled = self._sub(min(known, key=ranks.get), spelled)
            ids += [self.vocab[p] if p in self.vocab else 0 for p in parts]
        return ids

    def decode(self, ids):
        inverse = {i: t for t, i in self.vocab.items()}
        try:
            return "".join(inverse[i].replace("</w>", " ") for i in ids).rstrip(" ")
        except KeyError as error:
            raise ValueError(f"no token has the id {error}") from None
