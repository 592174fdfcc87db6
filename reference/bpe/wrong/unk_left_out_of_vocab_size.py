"""One token more than vocab_size, as if <unk> did not count.

caught-by: test_training_stops_at_vocab_size
explained-by: bpe-vocab-size
"""

import itertools
from collections import Counter


def glue(symbols, left, right):
    rest = iter(symbols)
    held = next(rest)
    for symbol in rest:
        if held == left and symbol == right:
            yield left + right
            held = next(rest, None)
            if held is None:
                return
        else:
            yield held
            held = symbol
    yield held


def letters(word):
    return tuple(itertools.chain(word, ["</w>"]))


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency

    def train(self, corpus):
        stream = itertools.chain.from_iterable(text.split() for text in corpus)
        bag = Counter(map(letters, stream))
        base = sorted(set(itertools.chain(["</w>"], *bag)))
        self.vocab = {t: i for i, t in enumerate(["<unk>", *base])}
        self.merges = []
        while len(self.vocab) - 1 < self.vocab_size:
            tally = Counter()
            for symbols, count in bag.items():
                for pair in itertools.pairwise(symbols):
                    tally.update({pair: count})
            often = {p: c for p, c in tally.items() if c >= self.min_frequency}
            if not often:
                break
            left, right = sorted(often, key=lambda p: (-often[p], p))[0]
            self.merges += [(left, right)]
            if left + right not in self.vocab:
                self.vocab[left + right] = len(self.vocab)
            bag = Counter({tuple(glue(s, left, right)): c for s, c in bag.items()})

    def tokens(self, word):
        symbols = list(letters(word))
        for left, right in self.merges:
            symbols = list(glue(symbols, left, right))
        return symbols

    def encode(self, text):
        tokens = (t for word in text.split() for t in self.tokens(word))
        return [self.vocab.get(t, 0) for t in tokens]

    def decode(self, ids):
        names = dict(map(reversed, self.vocab.items()))
        if not set(ids) <= set(names):
            raise ValueError("unknown id")
        parts = (names[i] for i in ids)
        return "".join(p.replace("</w>", " ") for p in parts).rstrip()
