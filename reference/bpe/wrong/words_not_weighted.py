"""Each distinct word counted once, however often it occurs.

caught-by: test_pairs_are_weighted_by_the_number_of_words
explained-by: bpe-training
"""

from collections import Counter
from itertools import pairwise


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.vocab = {}
        self.merges = []

    def train(self, corpus):
        word_counts = Counter()
        for line in corpus:
            word_counts.update(line.split())
        splits = {word: [*word, "</w>"] for word in word_counts}

        alphabet = {"</w>"}
        for split in splits.values():
            alphabet.update(split)
        self.vocab = {"<unk>": 0}
        for symbol in sorted(alphabet):
            self.vocab[symbol] = len(self.vocab)
        self.merges = []

        while len(self.vocab) < self.vocab_size:
            pairs = self._count_pairs(splits)
            if not pairs:
                break
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            if pairs[best] < self.min_frequency:
                break
            self.merges.append(best)
            for word in splits:
                splits[word] = self._merge(splits[word], best)
            token = "".join(best)
            if token not in self.vocab:
                self.vocab[token] = len(self.vocab)

    def encode(self, text):
        ids = []
        for word in text.split():
            ids.extend(self._encode_word(word))
        return ids

    def decode(self, ids):
        id_to_token = {i: token for token, i in self.vocab.items()}
        tokens = []
        for i in ids:
            if i not in id_to_token:
                raise ValueError(f"unknown id: {i}")
            tokens.append(id_to_token[i])
        return "".join(tokens).replace("</w>", " ").rstrip()

    def _encode_word(self, word):
        split = [*word, "</w>"]
        ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        while len(split) > 1:
            candidates = [p for p in pairwise(split) if p in ranks]
            if not candidates:
                break
            split = self._merge(split, min(candidates, key=ranks.get))
        return [self.vocab.get(symbol, 0) for symbol in split]

    @staticmethod
    def _count_pairs(splits):
        pairs = Counter()
        for split in splits.values():
            pairs.update(pairwise(split))
        return pairs

    @staticmethod
    def _merge(split, pair):
        out = []
        i = 0
        while i < len(split):
            if i + 1 < len(split) and (split[i], split[i + 1]) == pair:
                out.append(split[i] + split[i + 1])
                i += 2
            else:
                out.append(split[i])
                i += 1
        return out
