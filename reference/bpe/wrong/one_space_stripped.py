"""One space at the end taken off, though there may be more.

caught-by: test_only_white_space_at_the_end_is_stripped
explained-by: bpe-round-trip
"""


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.vocab = {}
        self.merges = []

    def train(self, corpus):
        counts = {}
        for text in corpus:
            for word in text.split():
                counts[word] = counts.get(word, 0) + 1
        words = [(list(word) + ["</w>"], n) for word, n in counts.items()]
        alphabet = {"</w>"}
        for word in counts:
            alphabet.update(word)
        self.merges = []
        self.vocab = {"<unk>": 0}
        for symbol in sorted(alphabet):
            self.vocab[symbol] = len(self.vocab)
        while len(self.vocab) < self.vocab_size:
            pairs = {}
            for symbols, n in words:
                for i in range(len(symbols) - 1):
                    pair = (symbols[i], symbols[i + 1])
                    pairs[pair] = pairs.get(pair, 0) + n
            best = None
            for pair, n in pairs.items():
                if best is None or n > pairs[best] or (n == pairs[best] and pair < best):
                    best = pair
            if best is None or pairs[best] < self.min_frequency:
                break
            self.merges.append(best)
            text = best[0] + best[1]
            if text not in self.vocab:
                self.vocab[text] = len(self.vocab)
            words = [(self._merge(symbols, best), n) for symbols, n in words]

    @staticmethod
    def _merge(symbols, pair):
        out, i = [], 0
        while i < len(symbols):
            if i + 1 < len(symbols) and symbols[i] == pair[0] and symbols[i + 1] == pair[1]:
                out.append(pair[0] + pair[1])
                i += 2
            else:
                out.append(symbols[i])
                i += 1
        return out

    def encode(self, text):
        ids = []
        for word in text.split():
            symbols = list(word) + ["</w>"]
            while True:
                best = None
                present = set(zip(symbols, symbols[1:]))
                for pair in self.merges:
                    if pair in present:
                        best = pair
                        break
                if best is None:
                    break
                symbols = self._merge(symbols, best)
            for symbol in symbols:
                ids.append(self.vocab.get(symbol, 0))
        return ids

    def decode(self, ids):
        texts = {}
        for token, i in self.vocab.items():
            texts[i] = token
        out = ""
        for i in ids:
            if i not in texts:
                raise ValueError(f"unknown id {i}")
            out += texts[i].replace("</w>", " ")
        return out.removesuffix(" ")
