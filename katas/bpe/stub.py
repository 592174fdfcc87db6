"""Byte-pair encoding: train a subword tokenizer, encode with it and decode."""

from collections.abc import Iterable


class BPE:
    """A subword tokenizer over characters.

    Source: Sennrich, Haddow and Birch (2016), section 3.2.

    Attributes, once trained:
        vocab: dict[str, int], the text of a token -> its id.
        merges: list[tuple[str, str]], the pairs learned, earliest first.
    """

    def __init__(self, vocab_size: int, min_frequency: int = 2) -> None:
        """Remember the settings.

        vocab_size: training stops when len(vocab) is this.
        min_frequency: a pair that occurs less often is not merged.
        """
        raise NotImplementedError

    def train(self, corpus: Iterable[str]) -> None:
        """Learn vocab and merges from the texts of corpus, starting afresh.

        corpus: any iterable of str, a generator too.
        """
        raise NotImplementedError

    def encode(self, text: str) -> list[int]:
        """str -> list of ids; a character never seen is "<unk>"."""
        raise NotImplementedError

    def decode(self, ids: list[int]) -> str:
        """List of ids -> str, one space between words.

        ValueError: an id that no token has.
        """
        raise NotImplementedError
