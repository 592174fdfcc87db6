"""The list kept in a cache handed out, for the caller to change.

caught-by: test_the_list_of_ids_belongs_to_the_caller
explained-by: bpe-determinism
"""

import re
from collections import Counter, deque


class BPE:
    vocab_size: int
    min_frequency: int

    def __init__(self, vocab_size, min_frequency=2):
        vars(self).update(vocab_size=vocab_size, min_frequency=min_frequency)

    @staticmethod
    def _words(text):
        return re.findall(r"\S+", text)

    @staticmethod
    def _neighbours(symbols):
        queue = deque(maxlen=2)
        for symbol in symbols:
            queue.append(symbol)
            if len(queue) == 2:
                yield tuple(queue)

    @staticmethod
    def _merge(symbols, pair):
        rest = deque(symbols)
        while rest:
            symbol = rest.popleft()
            if rest and symbol == pair[0] and rest[0] == pair[1]:
                symbol += rest.popleft()
            yield symbol

    def train(self, corpus):
        corpus = list(corpus)
        table = Counter()
        for text in corpus:
            for word in self._words(text):
                table[tuple(word) + ("</w>",)] += 1
        table = list(table.items())
        names = ["<unk>", *sorted({"</w>"} | {s for w, _ in table for s in w})]
        vocab = {name: i for i, name in enumerate(names)}
        merges = []
        while True:
            pairs = Counter()
            for word, n in table:
                for pair in self._neighbours(word):
                    pairs.update({pair: n})
            frequent = {p: n for p, n in pairs.items() if n >= self.min_frequency}
            if len(vocab) >= self.vocab_size or not frequent:
                break
            top = max(frequent.values())
            pair = min(filter(lambda p: frequent[p] == top, frequent))
            merges.append(pair)
            vocab.setdefault(f"{pair[0]}{pair[1]}", len(vocab))
            table = [(tuple(self._merge(word, pair)), n) for word, n in table]
        self.vocab, self.merges, self._known = vocab, merges, {}

    def encode(self, text):
        if text not in self._known:
            self._known[text] = list(self._ids(text))
        return self._known[text]

    def _ids(self, text):
        for word in self._words(text):
            symbols = [*word, "</w>"]
            while True:
                candidates = set(self._neighbours(symbols)).intersection(self.merges)
                if not candidates:
                    break
                symbols = list(self._merge(symbols, min(candidates, key=self.merges.index)))
            for symbol in symbols:
                yield self.vocab.get(symbol, 0)

    def decode(self, ids):
        texts = dict(zip(self.vocab.values(), self.vocab.keys()))
        out = []
        for i in ids:
            match texts.get(i):
                case None:
                    raise ValueError(f"no token has the id {i}")
                case text:
                    out.append(text.replace("</w>", " "))
        return "".join(out).rstrip()
