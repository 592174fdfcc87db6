"""</w> always gets id 1, not its sorted place.

caught-by: test_ids_are_unk_then_sorted_symbols_then_merges
explained-by: bpe-training
"""

from collections import Counter


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.n, self.m = vocab_size, min_frequency

    def train(self, corpus):
        self.merges, W = (
            [],
            [[(*w, "</w>"), n] for w, n in Counter(" ".join(corpus).split()).items()],
        )
        self.vocab = {
            s: i
            for i, s in enumerate(
                ["<unk>", "</w>", *sorted(set().union(*(w for w, _ in W)) - {"</w>"})]
            )
        }
        while len(self.vocab) < self.n:
            C = Counter()
            for w, n in W:
                for p in zip(w, w[1:]):
                    C[p] += n
            p = min(C, key=lambda p: (-C[p], p), default=None)
            if not p or C[p] < self.m:
                break
            self.merges += [p]
            self.vocab.setdefault(p[0] + p[1], len(self.vocab))
            W = [[self.glue(w, p), n] for w, n in W]

    def glue(self, w, p):
        out, fresh = [], False
        for s in w:
            if out and (out[-1], s) == p and not fresh:
                out[-1] += s
                fresh = True
            else:
                out.append(s)
                fresh = False
        return out

    def encode(self, text):
        out = []
        for w in text.split():
            w = [*w, "</w>"]
            while p := next((p for p in self.merges if p in zip(w, w[1:])), None):
                w = self.glue(w, p)
            out += [self.vocab.get(s, 0) for s in w]
        return out

    def decode(self, ids):
        t = sorted(self.vocab, key=self.vocab.get)
        if any(i not in range(len(t)) for i in ids):
            raise ValueError(ids)
        return "".join(t[i].replace("</w>", " ") for i in ids).rstrip()
