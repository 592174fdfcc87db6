"""The id just past the last one not refused.

caught-by: test_an_id_that_no_token_has_is_an_error
explained-by: bpe-round-trip
"""

from collections import Counter


class BPE:
    UNK, END = "<unk>", "</w>"

    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self._tokens = []
        self._ids = {}
        self._merges = []

    @property
    def vocab(self):
        return dict(self._ids)

    @property
    def merges(self):
        return [(self._tokens[a], self._tokens[b]) for a, b in self._merges]

    def _id(self, token):
        if token not in self._ids:
            self._ids[token] = len(self._tokens)
            self._tokens.append(token)
        return self._ids[token]

    def train(self, corpus):
        self._tokens, self._ids, self._merges = [], {}, []
        counts = Counter(word for text in corpus for word in text.split())
        self._id(self.UNK)
        for symbol in sorted(set("".join(counts)) | {self.END}):
            self._id(symbol)
        end = self._ids[self.END]
        words = [([self._ids[c] for c in w] + [end], n) for w, n in counts.items()]
        while len(self._tokens) < self.vocab_size:
            pairs = Counter()
            for ids, n in words:
                for pair in zip(ids[:-1], ids[1:]):
                    pairs[pair] += n
            if not pairs:
                break
            best = min(pairs, key=lambda p: (-pairs[p], self._tokens[p[0]], self._tokens[p[1]]))
            if pairs[best] < self.min_frequency:
                break
            self._merges.append(best)
            new = self._id(self._tokens[best[0]] + self._tokens[best[1]])
            for ids, _ in words:
                self._replace(ids, best, new)
        self._table = {}
        for rank, (a, b) in enumerate(self._merges):
            self._table.setdefault((a, b), (rank, self._ids[self._tokens[a] + self._tokens[b]]))

    @staticmethod
    def _replace(ids, pair, new):
        write = read = 0
        while read < len(ids):
            if read + 1 < len(ids) and ids[read] == pair[0] and ids[read + 1] == pair[1]:
                ids[write] = new
                read += 2
            else:
                ids[write] = ids[read]
                read += 1
            write += 1
        del ids[write:]

    def encode(self, text):
        result = []
        for word in text.split():
            ids = [self._ids.get(c) for c in word] + [self._ids[self.END]]
            while True:
                found = [(self._table[p], p) for p in zip(ids, ids[1:]) if p in self._table]
                if not found:
                    break
                (_, new), pair = min(found)
                # A merge can spell "<unk>", whose id is 0: an ordinary symbol here.
                self._replace(ids, pair, new)
            result += [0 if i is None else i for i in ids]
        return result

    def decode(self, ids):
        pieces = []
        for i in ids:
            if i < 0 or i > len(self._tokens):
                raise ValueError(f"id {i} is not in 0..{len(self._tokens) - 1}")
            pieces.append(self._tokens[i])
        return "".join(p.replace(self.END, " ") for p in pieces).rstrip()
