"""Small pure functions; merging is a fold with reduce."""

from collections import Counter
from functools import reduce
from operator import add

END = "</w>"


def symbols_of(word):
    return [*word, END]


def join(pair, symbols):
    def take(done, symbol):
        *rest, previous = done
        last, free = previous
        if free and (last, symbol) == pair:
            return [*rest, (last + symbol, False)]  # a merged symbol is not merged again here
        return [*done, (symbol, True)]

    first, *others = symbols
    return [symbol for symbol, _ in reduce(take, others, [(first, True)])]


def pair_counts(words):
    counts = Counter()
    for symbols, n in words:
        for p in zip(symbols, symbols[1:]):
            counts[p] += n
    return counts


def most_frequent(counts):
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[0] if counts else (None, 0)


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.settings = vocab_size, min_frequency

    def train(self, corpus):
        vocab_size, min_frequency = self.settings
        frequency = reduce(add, (Counter(text.split()) for text in corpus), Counter())
        words = [(symbols_of(word), n) for word, n in frequency.items()]
        alphabet = sorted({symbol for symbols, _ in words for symbol in symbols})
        vocab = {text: i for i, text in enumerate(["<unk>"] + alphabet)}
        merges = []
        while len(vocab) < vocab_size:
            pair, n = most_frequent(pair_counts(words))
            if pair is None or n < min_frequency:
                break
            merges.append(pair)
            vocab.setdefault("".join(pair), len(vocab))
            words = [(join(pair, symbols), n) for symbols, n in words]
        self.vocab, self.merges = vocab, merges

    def encode(self, text):
        return [
            self.vocab.get(s, 0) for word in text.split() for s in self._merge_all(symbols_of(word))
        ]

    def _merge_all(self, symbols):
        neighbours = list(zip(symbols, symbols[1:]))
        for pair in self.merges:
            if pair in neighbours:
                return self._merge_all(join(pair, symbols))
        return symbols

    def decode(self, ids):
        by_id = sorted(self.vocab, key=self.vocab.get)
        if any(i < 0 or i >= len(by_id) for i in ids):
            raise ValueError("unknown id")
        # only the end of a token can be the end of a word
        spaced = (
            t[: -len(END)] + " " if t.endswith(END) else t for t in map(by_id.__getitem__, ids)
        )
        return "".join(spaced).rstrip()
