"""Symbols are numbers inside; the texts are looked up for ties and for the answer."""


class BPE:
    UNK = "<unk>"
    EOW = "</w>"

    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self._forget()

    def _forget(self):
        self.vocab, self.texts, self.merges = {}, [], []
        self._rules = []  # (left id, right id, result id), earliest first

    def _add(self, text):
        if text not in self.vocab:
            self.vocab[text] = len(self.texts)
            self.texts.append(text)
        return self.vocab[text]

    def train(self, corpus):
        frequency = {}
        for text in corpus:
            for word in text.split():
                frequency[word] = frequency.get(word, 0) + 1
        self._forget()
        self._add(self.UNK)
        for symbol in sorted(set("".join(frequency)) | {self.EOW}):
            self._add(symbol)
        end = self.vocab[self.EOW]
        words = [([self.vocab[c] for c in word] + [end], n) for word, n in frequency.items()]

        while len(self.vocab) < self.vocab_size:
            table = {}
            for symbols, n in words:
                for at in range(len(symbols) - 1):
                    key = symbols[at], symbols[at + 1]
                    table[key] = table.get(key, 0) + n
            candidates = [
                (-n, self.texts[a], self.texts[b], a, b)
                for (a, b), n in table.items()
                if n >= self.min_frequency
            ]
            if not candidates:
                break
            _, left, right, a, b = min(candidates)
            self.merges.append((left, right))
            rule = (a, b, self._add(left + right))
            self._rules.append(rule)
            for symbols, _ in words:
                self._apply(rule, symbols)

    @staticmethod
    def _apply(rule, symbols):
        """Merge in place; says whether anything happened."""
        a, b, c = rule
        at, changed = 0, False
        while at + 1 < len(symbols):
            if symbols[at] == a and symbols[at + 1] == b:
                symbols[at : at + 2] = [c]
                changed = True
            at += 1
        return changed

    def encode(self, text):
        out = []
        for word in text.split():
            # -1 takes part in no rule, so an unknown character stays by itself
            symbols = [self.vocab.get(c, -1) for c in word] + [self.vocab[self.EOW]]
            again = True
            while again:
                again = False
                for rule in self._rules:
                    if self._apply(rule, symbols):
                        again = True
                        break
            out.extend(max(s, 0) for s in symbols)
        return out

    def decode(self, ids):
        pieces = []
        for i in ids:
            if not 0 <= i < len(self.texts):
                raise ValueError("id %r is not in the vocabulary" % (i,))
            text = self.texts[i]
            pieces.append(text.replace(self.EOW, " "))
        return "".join(pieces).rstrip(" ")
