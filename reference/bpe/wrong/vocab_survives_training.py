"""Tokens of an earlier training kept in vocab.

caught-by: test_only_its_own_last_training_counts
explained-by: bpe-determinism
"""

import heapq
from collections import defaultdict


class _Base:
    def decode(self, ids):
        names = {}
        for token, i in self.vocab.items():
            names[i] = token
        words = []
        for i in ids:
            try:
                words.append(names[i])
            except KeyError:
                raise ValueError(f"unknown id: {i}") from None
        return "".join(words).replace("</w>", " ").rstrip()

    def encode(self, text):
        return sum((self.encode_word(w) for w in text.split()), [])


class BPE(_Base):
    def __init__(self, vocab_size, min_frequency=2):
        super().__init__()
        self.vocab_size = int(vocab_size)
        self.min_frequency = min_frequency
        self.reset()

    def reset(self):
        self.vocab = {"<unk>": 0}
        self.merges = []
        self.order = {}

    def train(self, corpus):
        self.merges = []
        self.order = {}
        counts = defaultdict(int)
        for doc in corpus:
            for w in doc.split():
                counts[w] += 1
        pieces = {w: list(w) + ["</w>"] for w in counts}
        seen = {"</w>"}
        for p in pieces.values():
            seen.update(p)
        for s in sorted(seen):
            self.vocab[s] = len(self.vocab)
        while True:
            if len(self.vocab) >= self.vocab_size:
                return
            stats = defaultdict(int)
            for w, p in pieces.items():
                for x, y in zip(p, p[1:]):
                    stats[x, y] += counts[w]
            stats = [(-n, x, y) for (x, y), n in stats.items() if n >= self.min_frequency]
            if not stats:
                return
            _, x, y = min(stats)
            self.order.setdefault((x, y), len(self.merges))
            self.merges.append((x, y))
            if x + y not in self.vocab:
                self.vocab[x + y] = len(self.vocab)
            for w, p in pieces.items():
                q = []
                while p:
                    if len(p) >= 2 and p[0] == x and p[1] == y:
                        q.append(x + y)
                        p = p[2:]
                    else:
                        q.append(p[0])
                        p = p[1:]
                pieces[w] = q

    def encode_word(self, w):
        """A doubly linked list and a heap of (rank, position): n log n."""
        sym = list(w) + ["</w>"]
        n = len(sym)
        nxt = list(range(1, n)) + [None]
        prv = [None] + list(range(n - 1))
        heap = []

        def push(i):
            j = nxt[i]
            if j is not None and (sym[i], sym[j]) in self.order:
                heapq.heappush(heap, (self.order[sym[i], sym[j]], i, sym[i], sym[j]))

        for i in range(n):
            push(i)
        while heap:
            _, i, a, b = heapq.heappop(heap)
            j = nxt[i]
            if sym[i] != a or j is None or sym[j] != b:
                continue
            sym[i], sym[j] = a + b, None
            nxt[i] = nxt[j]
            if nxt[i] is not None:
                prv[nxt[i]] = i
            push(i)
            if prv[i] is not None:
                push(prv[i])
        return [self.vocab.get(s, 0) for s in sym if s is not None]
