"""Words as lists of ids, as in byte-level tokenizers."""

from collections import defaultdict
from itertools import pairwise

UNK = "<unk>"
EOW = "</w>"


def replace(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if i < len(ids) - 1 and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency

    def _reset(self, chars):
        self.texts = [UNK]
        self.vocab = {UNK: 0}
        self.merges = []
        self.table = {}
        for char in chars:
            self._new_id(char)

    def _new_id(self, text):
        if text not in self.vocab:
            self.vocab[text] = len(self.texts)
            self.texts.append(text)
        return self.vocab[text]

    def train(self, corpus):
        frequency = defaultdict(int)
        for text in corpus:
            for word in text.split():
                frequency[word] += 1
        self._reset(sorted(set("".join(frequency)) | {EOW}))
        sequences = [(self._chars(word), n) for word, n in frequency.items()]

        while len(self.vocab) < self.vocab_size:
            stats = defaultdict(int)
            for ids, n in sequences:
                for left, right in pairwise(ids):
                    stats[left, right] += n
            ranked = [
                (-n, (self.texts[left], self.texts[right]), (left, right))
                for (left, right), n in stats.items()
                if n >= self.min_frequency
            ]
            if not ranked:
                break
            _, names, pair = min(ranked)
            new = self._new_id(names[0] + names[1])
            self.table.setdefault(pair, (len(self.merges), new))
            self.merges.append(names)
            sequences = [(replace(ids, pair, new), n) for ids, n in sequences]

    def _chars(self, word):
        return [self.vocab.get(char, 0) for char in word] + [self.vocab[EOW]]

    def encode(self, text):
        result = []
        for word in text.split():
            ids = self._chars(word)
            while True:
                found = [pair for pair in pairwise(ids) if pair in self.table]
                if not found:
                    break
                pair = min(found, key=self.table.get)
                ids = replace(ids, pair, self.table[pair][1])
            result.extend(ids)
        return result

    def decode(self, ids):
        text = ""
        for i in ids:
            if not 0 <= i < len(self.texts):
                raise ValueError(f"id {i} is not in the vocabulary")
            text += self.texts[i]
        return text.replace(EOW, " ").rstrip(" ")
