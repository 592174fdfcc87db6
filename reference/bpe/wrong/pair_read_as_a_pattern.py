"""A pair used as a regular expression without escaping.

caught-by: test_symbols_are_compared_whole_and_literally
explained-by: bpe-special
"""

import re
from functools import reduce

END_OF_WORD = "</w>"


def pair_stats(table):
    stats = {}
    for key, frequency in table.items():
        symbols = key.split(" ")
        for i in range(len(symbols) - 1):
            pair = symbols[i], symbols[i + 1]
            stats[pair] = stats.get(pair, 0) + frequency
    return stats


def apply_merge(key, pair):
    bigram = " ".join(pair)
    pattern = re.compile(r"(?<!\S)" + bigram + r"(?!\S)")
    return pattern.sub(lambda match: "".join(pair), key)


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size, self.min_frequency = vocab_size, min_frequency

    def train(self, corpus):
        table = {}
        for text in corpus:
            for word in text.split():
                key = " ".join(word) + " " + END_OF_WORD
                table[key] = table.get(key, 0) + 1

        symbols = {END_OF_WORD} | {s for key in table for s in key.split(" ")}
        self.vocab = {s: i for i, s in enumerate(["<unk>"] + sorted(symbols))}
        self.merges = []
        while len(self.vocab) < self.vocab_size:
            stats = pair_stats(table)
            top = max(stats.values(), default=0)
            if top < max(self.min_frequency, 1):
                return
            pair = min(p for p, frequency in stats.items() if frequency == top)
            self.merges.append(pair)
            self.vocab.setdefault("".join(pair), len(self.vocab))
            table = {apply_merge(key, pair): n for key, n in table.items()}

    def encode(self, text):
        ids = []
        for word in text.split():
            key = " ".join(word) + " " + END_OF_WORD
            key = reduce(apply_merge, self.merges, key)
            ids += [self.vocab.get(s, self.vocab["<unk>"]) for s in key.split(" ")]
        return ids

    def decode(self, ids):
        tokens = {i: token for token, i in self.vocab.items()}
        try:
            joined = "".join([tokens[i] for i in ids])
        except KeyError as error:
            raise ValueError(f"no such id: {error}") from None
        return joined.replace(END_OF_WORD, " ").rstrip()
