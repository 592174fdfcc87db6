"""White space stripped at both ends.

caught-by: test_only_white_space_at_the_end_is_stripped
explained-by: bpe-round-trip
"""

from collections import Counter


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.vocab = {}
        self.merges = []

    def train(self, corpus):
        counts = Counter()
        for text in corpus:
            counts.update(text.split())
        words = [([*word, "</w>"], n) for word, n in counts.items()]
        alphabet = sorted({s for symbols, _ in words for s in symbols} | {"</w>"})
        self.vocab = {"<unk>": 0}
        for symbol in alphabet:
            self.vocab[symbol] = len(self.vocab)
        self.merges = []
        while len(self.vocab) < self.vocab_size:
            pairs = Counter()
            for symbols, n in words:
                for a, b in zip(symbols, symbols[1:]):
                    pairs[(a, b)] += n
            if not pairs:
                break
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            if pairs[best] < self.min_frequency:
                break
            words = [(self._merge(symbols, best), n) for symbols, n in words]
            self.merges.append(best)
            new = best[0] + best[1]
            if new not in self.vocab:
                self.vocab[new] = len(self.vocab)

    @staticmethod
    def _merge(symbols, pair):
        out = []
        i = 0
        while i < len(symbols):
            if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
                out.append(symbols[i] + symbols[i + 1])
                i += 2
            else:
                out.append(symbols[i])
                i += 1
        return out

    def encode(self, text):
        ranks = {}
        for i, pair in enumerate(self.merges):
            ranks.setdefault(pair, i)
        ids = []
        for word in text.split():
            symbols = [*word, "</w>"]
            while True:
                known = [p for p in zip(symbols, symbols[1:]) if p in ranks]
                if not known:
                    break
                symbols = self._merge(symbols, min(known, key=ranks.get))
            ids.extend(self.vocab.get(s, 0) for s in symbols)
        return ids

    def decode(self, ids):
        texts = {i: t for t, i in self.vocab.items()}
        out = []
        for i in ids:
            if i not in texts:
                raise ValueError(f"no token has id {i}")
            out.append(texts[i])
        return "".join(out).replace("</w>", " ").strip()
