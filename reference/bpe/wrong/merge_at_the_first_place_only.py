"""A pair merged at its first place in a word only.

caught-by: test_overlapping_pairs_count_twice,
  test_symbols_are_compared_whole_and_literally
explained-by: bpe-overlap
"""

import collections


class BPE:
    """Keeps a list of tokens; vocab is computed from it whenever somebody asks."""

    def __init__(self, vocab_size, min_frequency=2):
        self.size, self.least = vocab_size, min_frequency
        self._tokens = ["<unk>"]
        self._merges = []

    @property
    def vocab(self):
        return {t: i for i, t in enumerate(self._tokens)}

    @property
    def merges(self):
        return list(self._merges)

    def train(self, corpus):
        words = collections.Counter()
        for text in corpus:
            for w in text.split():
                words[w] += 1
        seqs = {w: list(w) + ["</w>"] for w in words}
        self._tokens = ["<unk>"] + sorted(set(sum(seqs.values(), ["</w>"])))
        self._merges = []
        while len(self._tokens) < self.size:
            pairs = collections.Counter()
            for w, seq in seqs.items():
                for i in range(len(seq) - 1):
                    pairs[seq[i], seq[i + 1]] += words[w]
            ranking = sorted(pairs.items(), key=lambda item: item[0])
            ranking.sort(key=lambda item: item[1], reverse=True)
            if not ranking or ranking[0][1] < self.least:
                break
            pair = ranking[0][0]
            self._merges.append(pair)
            if "".join(pair) not in self._tokens:
                self._tokens.append("".join(pair))
            for seq in seqs.values():
                self._apply(seq, pair)

    def _apply(self, seq, pair):
        """In place: stops looking back, so from the left."""
        i = 0
        while i + 1 < len(seq):
            if seq[i] == pair[0] and seq[i + 1] == pair[1]:
                seq[i] += seq.pop(i + 1)
                return
            i += 1

    def encode(self, text):
        vocab = self.vocab
        ids = []
        for w in text.split():
            seq = list(w) + ["</w>"]
            while True:
                here = {(seq[i], seq[i + 1]) for i in range(len(seq) - 1)}
                todo = [m for m in self._merges if m in here]
                if not todo:
                    break
                self._apply(seq, todo[0])
            ids.extend(vocab.get(s, 0) for s in seq)
        return ids

    def decode(self, ids):
        pieces = []
        for i in ids:
            if i not in range(len(self._tokens)):
                raise ValueError(f"{i} is no id of this tokenizer")
            pieces.append(self._tokens[i])
        text = "".join(pieces)
        while "</w>" in text:
            head, _, tail = text.partition("</w>")
            text = head + " " + tail
        return text.rstrip()
