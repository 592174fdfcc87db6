"""Merges of an earlier training kept.

caught-by: test_only_its_own_last_training_counts
explained-by: bpe-determinism
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise


@dataclass
class Word:
    symbols: list
    count: int

    def pairs(self):
        return list(pairwise(self.symbols))

    def join(self, left, right):
        symbols = self.symbols
        result = []
        while symbols:
            if symbols[:2] == [left, right]:
                result.append(left + right)
                symbols = symbols[2:]
            else:
                result.append(symbols[0])
                symbols = symbols[1:]
        self.symbols = result


class PairIndex:
    def __init__(self, words):
        self.counts = Counter()
        self.words = defaultdict(dict)
        for word in words:
            self.insert(word)

    def insert(self, word):
        for pair in word.pairs():
            self.counts[pair] += word.count
            self.words[pair][id(word)] = word

    def remove(self, word):
        for pair in word.pairs():
            self.counts[pair] -= word.count
            self.words[pair].pop(id(word), None)
            if not self.counts[pair]:
                del self.counts[pair]

    def top(self):
        ranking = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return ranking[0] if ranking else ((), 0)

    def merge(self, pair):
        for word in list(self.words[pair].values()):
            self.remove(word)
            word.join(*pair)
            self.insert(word)


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.merges = []

    def train(self, corpus):
        self.vocab = {"<unk>": 0}
        tally = Counter(w for text in corpus for w in text.split())
        words = [Word(list(text) + ["</w>"], count) for text, count in tally.items()]
        for symbol in sorted({s for word in words for s in word.symbols} | {"</w>"}):
            self.vocab[symbol] = len(self.vocab)

        index = PairIndex(words)
        while len(self.vocab) < self.vocab_size:
            pair, count = index.top()
            if count < max(1, self.min_frequency):
                break
            index.merge(pair)
            self.merges.append(pair)
            token = pair[0] + pair[1]
            if token not in self.vocab:
                self.vocab[token] = len(self.vocab)
        self.tokens = {i: token for token, i in self.vocab.items()}

    def encode(self, text):
        ids = []
        for chars in text.split():
            word = Word(list(chars) + ["</w>"], 1)
            for left, right in self.merges:
                word.join(left, right)
            ids.extend(self.vocab.get(symbol, 0) for symbol in word.symbols)
        return ids

    def decode(self, ids):
        missing = [i for i in ids if i not in self.tokens]
        if missing:
            raise ValueError(f"unknown ids: {missing}")
        text = "".join(self.tokens[i] for i in ids)
        return text.replace("</w>", " ").rstrip()
