"""Merging by str.replace across the borders of symbols, lowest rank first in encoding.

caught-by: test_symbols_are_compared_whole_and_literally
explained-by: bpe-overlap
"""

from collections import Counter


def spell(word):
    return " ".join(word) + " </w>"


def glue(spelled, a, b):
    # " a  a  a " -> " aa  a ": replace goes from the left and does not overlap.
    return spelled.replace(f"{a} {b}", f"{a}{b}")


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency

    def train(self, corpus):
        counts = Counter()
        for text in corpus:
            counts.update(text.split())
        spelled = list(map(spell, counts))
        weights = list(counts.values())
        self.vocab = {"<unk>": 0}
        for symbol in sorted({"</w>", *"".join(counts)}):
            self.vocab[symbol] = len(self.vocab)
        self.merges = []
        while len(self.vocab) < self.vocab_size:
            pairs = Counter()
            for text, n in zip(spelled, weights):
                parts = text.split()
                for pair in zip(parts, parts[1:]):
                    pairs[pair] += n
            ordered = sorted(pairs)  # smallest first
            ordered.sort(key=pairs.get, reverse=True)  # stable
            if not ordered or pairs[ordered[0]] < self.min_frequency:
                break
            a, b = ordered[0]
            self.merges.append((a, b))
            if a + b not in self.vocab:
                self.vocab[a + b] = len(self.vocab)
            spelled = [glue(text, a, b) for text in spelled]

    def encode(self, text):
        ids = []
        for word in text.split():
            spelled = spell(word)
            done = False
            while not done:
                done = True
                for a, b in self.merges:
                    shorter = glue(spelled, a, b)
                    if shorter != spelled:
                        spelled, done = shorter, False
                        break
            ids.extend(self.vocab.get(s, 0) for s in spelled.split())
        return ids

    def decode(self, ids):
        tokens = [None] * len(self.vocab)
        for token, i in self.vocab.items():
            tokens[i] = token
        text = []
        for i in ids:
            if i < 0:
                raise ValueError(f"negative id {i}")
            try:
                text.append(tokens[i])
            except IndexError:
                raise ValueError(f"id {i} of {len(tokens)}") from None
        return "".join(" " if t == "</w>" else t.replace("</w>", " ") for t in text).rstrip()
