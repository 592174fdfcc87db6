"""An unknown id raises IndexError.

caught-by: test_an_id_that_no_token_has_is_an_error
explained-by: bpe-round-trip
"""

from collections import Counter
from functools import reduce
from itertools import chain, pairwise


def spell(word):
    return (*word, "</w>")


def glue(symbols, pair):
    """Recursive left-to-right merge of a tuple of symbols."""
    if len(symbols) < 2:
        return symbols
    if symbols[:2] == pair:
        return (pair[0] + pair[1], *glue(symbols[2:], pair))
    return (symbols[0], *glue(symbols[1:], pair))


def count_pairs(table):
    return reduce(
        lambda acc, item: (
            acc + Counter({p: k * item[1] for p, k in Counter(pairwise(item[0])).items()})
        ),
        table.items(),
        Counter(),
    )


def grow(table, vocab, merges, limit, least):
    """One round and the rest."""
    if len(vocab) >= limit:
        return vocab, merges
    pairs = count_pairs(table)
    if not pairs:
        return vocab, merges
    best = min(pairs.items(), key=lambda kv: (-kv[1], kv[0]))
    if best[1] < least:
        return vocab, merges
    pair = best[0]
    token = "".join(pair)
    vocab = vocab if token in vocab else {**vocab, token: len(vocab)}
    table = {glue(w, pair): n for w, n in table.items()}
    return grow(table, vocab, [*merges, pair], limit, least)


class BPE:
    def __init__(self, vocab_size: int, min_frequency: int = 2) -> None:
        self._limit = vocab_size
        self._least = min_frequency
        self.vocab: dict[str, int] = {}
        self.merges: list[tuple[str, str]] = []

    def train(self, corpus) -> None:
        table = Counter(map(spell, chain.from_iterable(map(str.split, corpus))))
        alphabet = sorted(set(chain(("</w>",), *table)))
        vocab = {token: i for i, token in enumerate(["<unk>"] + alphabet)}
        self.vocab, self.merges = grow(dict(table), vocab, [], self._limit, self._least)

    def encode(self, text: str) -> list[int]:
        return list(chain.from_iterable(map(self._ids, text.split())))

    def _ids(self, word):
        def settle(symbols):
            present = set(pairwise(symbols))
            pair = next((m for m in self.merges if m in present), None)
            return symbols if pair is None else settle(glue(symbols, pair))

        return (self.vocab.get(s, self.vocab["<unk>"]) for s in settle(spell(word)))

    def decode(self, ids) -> str:
        texts = list(self.vocab)
        if any(i < 0 for i in ids):
            raise ValueError("negative id")
        return " ".join("".join(texts[i] for i in ids).split("</w>")).rstrip()
