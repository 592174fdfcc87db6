"""Pair counts kept up to date, with an index from pair to the words that hold it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

Pair = tuple[str, str]
END, UNKNOWN = "</w>", "<unk>"


class UnknownIdError(ValueError):
    pass


class BPE:
    def __init__(self, vocab_size: int, min_frequency: int = 2) -> None:
        self.vocab_size, self.min_frequency = vocab_size, min_frequency
        self.vocab: dict[str, int] = {}
        self.merges: list[Pair] = []

    # training

    def train(self, corpus: Iterable[str]) -> None:
        counts = Counter(word for text in corpus for word in text.split())
        words = [[*word, END] for word in counts]
        often = list(counts.values())
        self.merges = []
        tokens = [UNKNOWN, *sorted({END}.union(*map(set, counts)))]
        self.vocab = {token: i for i, token in enumerate(tokens)}

        total: Counter[Pair] = Counter()
        where: defaultdict[Pair, set[int]] = defaultdict(set)
        for w in range(len(words)):
            self._tally(words, often, w, total, where, +1)

        while len(self.vocab) < self.vocab_size and total:
            top = max(total.values())
            if top < self.min_frequency:
                return
            best = min(pair for pair, n in total.items() if n == top)
            self.merges.append(best)
            new = "".join(best)
            if new not in self.vocab:
                self.vocab[new] = len(self.vocab)
            for w in sorted(where[best]):
                self._tally(words, often, w, total, where, -1)
                words[w] = list(self._joined(words[w], best))
                self._tally(words, often, w, total, where, +1)

    @staticmethod
    def _tally(words, often, w, total, where, sign) -> None:
        for pair in zip(words[w], words[w][1:]):
            total[pair] += sign * often[w]
            if not total[pair]:
                del total[pair]
            if sign > 0:
                where[pair].add(w)
            else:
                where[pair].discard(w)

    @staticmethod
    def _joined(word: list[str], pair: Pair) -> Iterator[str]:
        waiting: str | None = None
        for symbol in word:
            if waiting is None:
                waiting = symbol
            elif (waiting, symbol) == pair:
                yield waiting + symbol
                waiting = None
            else:
                yield waiting
                waiting = symbol
        if waiting is not None:
            yield waiting

    # use

    def encode(self, text: str) -> list[int]:
        rank: dict[Pair, int] = {}
        for n, pair in enumerate(self.merges):
            rank.setdefault(pair, n)
        return [
            self.vocab.get(symbol, self.vocab[UNKNOWN])
            for word in text.split()
            for symbol in self._split(word, rank)
        ]

    def _split(self, word: str, rank: dict[Pair, int]) -> list[str]:
        symbols = [*word, END]
        while len(symbols) > 1:
            best = min(
                zip(symbols, symbols[1:]),
                key=lambda pair: rank.get(pair, len(rank) + len(self.merges)),
            )
            if best not in rank:
                break
            symbols = list(self._joined(symbols, best))
        return symbols

    def decode(self, ids: list[int]) -> str:
        text_of = dict(zip(self.vocab.values(), self.vocab.keys()))
        try:
            return "".join(text_of[i].replace(END, " ") for i in ids).rstrip()
        except KeyError as missing:
            raise UnknownIdError(f"no token {missing}") from None
