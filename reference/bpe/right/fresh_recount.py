"""Count all pairs afresh each round: slow and plain. Words are tuples of strings."""

from collections import Counter


def merge(symbols, pair):
    out = []
    i = 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return tuple(out)


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.vocab = {}
        self.merges = []

    def train(self, corpus):
        words = Counter()
        for text in corpus:
            words.update(tuple(word) + ("</w>",) for word in text.split())

        alphabet = {"</w>"}
        for word in words:
            alphabet.update(word)
        self.vocab = {"<unk>": 0}
        for symbol in sorted(alphabet):
            self.vocab[symbol] = len(self.vocab)
        self.merges = []

        while len(self.vocab) < self.vocab_size:
            pairs = Counter()
            for word, n in words.items():
                for pair in zip(word, word[1:]):
                    pairs[pair] += n
            if not pairs:
                break
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            if pairs[best] < self.min_frequency:
                break
            self.merges.append(best)
            self.vocab.setdefault(best[0] + best[1], len(self.vocab))
            merged = Counter()
            for word, n in words.items():
                merged[merge(word, best)] += n
            words = merged

    def encode(self, text):
        ids = []
        for word in text.split():
            symbols = tuple(word) + ("</w>",)
            while True:
                present = set(zip(symbols, symbols[1:]))
                pair = next((p for p in self.merges if p in present), None)
                if pair is None:
                    break
                symbols = merge(symbols, pair)
            ids += [self.vocab.get(s, 0) for s in symbols]
        return ids

    def decode(self, ids):
        texts = {i: text for text, i in self.vocab.items()}
        out = ""
        for i in ids:
            if i not in texts:
                raise ValueError(f"no token has the id {i}")
            out += texts[i].replace("</w>", " ")
        return out.rstrip()
