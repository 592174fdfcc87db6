"""Byte-pair encoding: learn merges from word counts, replay them on new text.

Sennrich, Haddow and Birch (2016), Neural machine translation of rare words
with subword units, section 3.2.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

UNKNOWN = "<unk>"
END = "</w>"

Pair = tuple[str, str]
Symbols = tuple[str, ...]


class BPE:
    """A subword tokenizer.  vocab: text -> id.  merges: pairs, earliest first."""

    def __init__(self, vocab_size: int, min_frequency: int = 2) -> None:
        self.vocab_size = vocab_size
        self.min_frequency = min_frequency
        self._start_afresh()

    def train(self, corpus: Iterable[str]) -> None:
        """Learn vocab and merges from texts, forgetting any earlier training."""
        self._start_afresh()

        # a generator can be read once, so everything below works on these counts
        counts = Counter(word for text in corpus for word in text.split())
        words = {spell(word): count for word, count in counts.items()}

        # a set has no order of its own: sorted() keeps ids equal in every run
        for symbol in sorted({END}.union(*words)):
            self._add(symbol)

        # "<" and not "!=": the alphabet alone may already be larger than vocab_size
        while len(self.vocab) < self.vocab_size:
            pair = self._choose(count_pairs(words))
            if pair is None:
                break
            self.merges.append(pair)
            # the merged text may be known ("<unk>" spelled out): no second id then
            self._add(pair[0] + pair[1])
            words = {merge(word, pair): count for word, count in words.items()}

        self._text = {id_: text for text, id_ in self.vocab.items()}
        # reversed: should a pair be learned twice, its earliest rank wins
        self._rank = {pair: rank for rank, pair in reversed([*enumerate(self.merges)])}

    def encode(self, text: str) -> list[int]:
        """Ids of all words of text, one word after the other."""
        unknown = self.vocab[UNKNOWN]
        # a symbol is missing from vocab only if it is a character never seen
        return [
            self.vocab.get(symbol, unknown)
            for word in text.split()
            for symbol in self._segment(word)
        ]

    def decode(self, ids: list[int]) -> str:
        """The words behind ids, one space between them."""
        for id_ in ids:
            if id_ not in self._text:
                raise ValueError(f"no token has the id {id_}")
        # the mark may be a token or the end of one ("low</w>")
        pieces = [self._text[id_].replace(END, " ") for id_ in ids]
        return "".join(pieces).rstrip()

    def _start_afresh(self) -> None:
        self.vocab: dict[str, int] = {UNKNOWN: 0}
        self.merges: list[Pair] = []
        self._text: dict[int, str] = {0: UNKNOWN}
        self._rank: dict[Pair, int] = {}

    def _add(self, symbol: str) -> None:
        if symbol not in self.vocab:
            self.vocab[symbol] = len(self.vocab)

    def _choose(self, pairs: Counter[Pair]) -> Pair | None:
        """The most frequent pair, the smallest of those that tie."""
        if not pairs:
            return None
        # minus the count: one min() then wants a high count and a small pair
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        return best if pairs[best] >= self.min_frequency else None

    def _segment(self, word: str) -> Symbols:
        """Replay the merges on one word: lowest rank first, wherever it stands."""
        symbols = spell(word)
        while True:
            known = [pair for pair in pairwise(symbols) if pair in self._rank]
            if not known:
                return symbols
            symbols = merge(symbols, min(known, key=self._rank.__getitem__))


def spell(word: str) -> Symbols:
    """As symbols: low -> l o w </w>.  The mark is one symbol, not four."""
    return (*word, END)


def count_pairs(words: dict[Symbols, int]) -> Counter[Pair]:
    """How often each two neighbours occur in the corpus."""
    pairs: Counter[Pair] = Counter()
    for word, count in words.items():
        # pairwise overlaps: (a, a) is found twice in a a a
        for pair in pairwise(word):
            pairs[pair] += count  # the word stands in the corpus count times
    return pairs


def merge(word: Symbols, pair: Pair) -> Symbols:
    """Glue each occurrence of pair, from the left: a a a -> aa a."""
    merged: list[str] = []
    position = 0
    while position < len(word):
        if word[position : position + 2] == pair:
            merged.append(pair[0] + pair[1])
            position += 2  # past both, so that no symbol is used twice
        else:
            merged.append(word[position])
            position += 1
    return tuple(merged)
