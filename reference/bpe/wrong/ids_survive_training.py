"""Ids of an earlier training still decoded.

caught-by: test_ids_of_an_earlier_training_are_unknown
explained-by: bpe-determinism
"""

import torch
from collections import OrderedDict


class BPE:
    def __init__(self, vocab_size: int, min_frequency: int = 2):
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self.vocab = OrderedDict()
        self.merges = []
        self.id_to_token = {}

    def train(self, corpus):
        freqs = {}
        for sentence in corpus:
            for word in sentence.split():
                freqs[word] = 1 + freqs.get(word, 0)
        splits = {word: [c for c in word] + ["</w>"] for word in freqs}
        vocab = ["<unk>"]
        vocab += sorted({"</w>", *(c for word in freqs for c in word)})
        merges = []
        while len(vocab) < self.vocab_size:
            pair_freqs = self.compute_pair_freqs(splits, freqs)
            if not pair_freqs:
                break
            names = sorted(pair_freqs)
            table = torch.tensor([pair_freqs[p] for p in names])
            best = int((table == table.max()).nonzero()[0])
            if table[best] < self.min_frequency:
                break
            splits = self.merge_pair(*names[best], splits)
            merges.append(names[best])
            token = names[best][0] + names[best][1]
            if token not in vocab:
                vocab.append(token)
        self.merges = merges
        self.vocab = OrderedDict((t, i) for i, t in enumerate(vocab))
        self.id_to_token.update(enumerate(vocab))

    def compute_pair_freqs(self, splits, freqs):
        pair_freqs = {}
        for word, freq in freqs.items():
            split = splits[word]
            if len(split) == 1:
                continue
            for i in range(len(split) - 1):
                pair = (split[i], split[i + 1])
                pair_freqs[pair] = pair_freqs.get(pair, 0) + freq
        return pair_freqs

    def merge_pair(self, a, b, splits):
        for word in splits:
            split = splits[word]
            i = 0
            while i < len(split) - 1:
                if split[i] == a and split[i + 1] == b:
                    split = split[:i] + [a + b] + split[i + 2 :]
                i += 1
            splits[word] = split
        return splits

    def encode(self, text):
        ids = []
        for word in text.split():
            split = {0: [c for c in word] + ["</w>"]}
            last = None
            while last != split[0]:
                last = split[0]
                for a, b in self.merges:
                    self.merge_pair(a, b, split)
                    if split[0] != last:
                        break
            for token in split[0]:
                try:
                    ids.append(self.vocab[token])
                except KeyError:
                    ids.append(self.vocab["<unk>"])
        return ids

    def decode(self, ids):
        tokens = []
        for i in ids:
            token = self.id_to_token.get(i)
            if token is None:
                raise ValueError(f"id {i} is not in the vocabulary")
            tokens.append(token)
        return "".join(tokens).replace("</w>", " ").rstrip()
