"""Encoding with a heap over a doubly linked list; training with a heap of stale entries."""

import heapq
from collections import Counter
from itertools import chain, pairwise


class BPE:
    def __init__(self, vocab_size: int, min_frequency: int = 2) -> None:
        self.limit = vocab_size
        self.min_frequency = min_frequency

    def train(self, corpus) -> None:
        frequency = Counter(chain.from_iterable(map(str.split, corpus)))
        words = [(list(word) + ["</w>"], n) for word, n in frequency.items()]
        symbols = sorted(set(chain.from_iterable(frequency)) | {"</w>"})
        self.vocab = dict(zip(["<unk>"] + symbols, range(len(symbols) + 1)))
        self.merges = []

        counts = Counter()
        for symbols, n in words:
            for pair in pairwise(symbols):
                counts[pair] += n
        heap = [(-n, pair) for pair, n in counts.items()]
        heapq.heapify(heap)

        while heap and len(self.vocab) < self.limit:
            n, pair = heapq.heappop(heap)
            n = -n
            if counts[pair] != n:  # stale: a newer entry is in the heap, or none is needed
                continue
            if n < self.min_frequency or n == 0:
                break
            self.merges.append(pair)
            self.vocab.setdefault(pair[0] + pair[1], len(self.vocab))
            touched = set()
            for at, (symbols, n) in enumerate(words):
                if pair[0] not in symbols:
                    continue
                new = merged(symbols, pair)
                if len(new) == len(symbols):
                    continue
                for old in pairwise(symbols):
                    counts[old] -= n
                    touched.add(old)
                for fresh in pairwise(new):
                    counts[fresh] += n
                    touched.add(fresh)
                words[at] = (new, n)
            for changed in touched:
                if counts[changed] > 0:
                    heapq.heappush(heap, (-counts[changed], changed))

    def encode(self, text: str) -> list:
        rank = {pair: at for at, pair in reversed(list(enumerate(self.merges)))}
        return [
            self.vocab.get(symbol, 0)
            for word in text.split()
            for symbol in linked_merge(list(word) + ["</w>"], rank)
        ]

    def decode(self, ids) -> str:
        names = {number: name for name, number in self.vocab.items()}
        unknown = [i for i in ids if i not in names]
        if unknown:
            raise ValueError(f"no such ids: {unknown}")
        return "".join(" ".join(names[i].split("</w>")) for i in ids).rstrip()


def merged(symbols, pair):
    new = []
    at = 0
    while at < len(symbols):
        if tuple(symbols[at : at + 2]) == pair:
            new.append(pair[0] + pair[1])
            at += 2
        else:
            new.append(symbols[at])
            at += 1
    return new


def linked_merge(symbols, rank):
    """One merge at a time: lowest rank, then leftmost."""
    last = len(symbols) - 1
    after = list(range(1, last + 1)) + [None]
    before = [None] + list(range(last))
    alive = [True] * len(symbols)
    heap = []

    def push(left):
        right = after[left] if left is not None else None
        if right is not None and (symbols[left], symbols[right]) in rank:
            pair = (symbols[left], symbols[right])
            heapq.heappush(heap, (rank[pair], left, right, pair))

    for left in range(len(symbols)):
        push(left)
    while heap:
        _, left, right, pair = heapq.heappop(heap)
        if not (alive[left] and alive[right]) or after[left] != right:
            continue
        if (symbols[left], symbols[right]) != pair:
            continue
        symbols[left] += symbols[right]
        alive[right] = False
        after[left] = after[right]
        if after[right] is not None:
            before[after[right]] = left
        push(before[left])
        push(left)
    return [s for s, live in zip(symbols, alive) if live]
