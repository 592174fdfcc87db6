"""The solution of `bpe` against the tokenizers library and an exhaustive re-implementation."""

import importlib.util
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
SOLUTION = REFERENCE / "bpe" / "solution.py"

# the library knows characters only: "=" sorts where "</w>" does, right after "<"
END, MARK = "</w>", "="


def load():
    spec = importlib.util.spec_from_file_location("bpe_solution", SOLUTION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BPE = load().BPE


def trained(corpus, vocab_size, min_frequency=2):
    bpe = BPE(vocab_size, min_frequency)
    bpe.train(corpus)
    return bpe


def random_corpus(seed, letters="abcd", words=40, longest=6, repeats=9):
    """Texts of random words, each word several times, in a random order."""
    draw = random.Random(seed)
    bag = []
    for _ in range(words):
        word = "".join(draw.choices(letters, k=draw.randint(1, longest)))
        bag += [word] * draw.randint(1, repeats)
    draw.shuffle(bag)
    cuts = range(0, len(bag), 7)
    return [" ".join(bag[cut : cut + 7]) for cut in cuts]


# ------------------------------------------------- exhaustive, word by word


def count_everything(words):
    """Every pair at every place of every word of the corpus, one at a time."""
    counts = {}
    for word in words:
        for place in range(len(word) - 1):
            pair = (word[place], word[place + 1])
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def glue_leftmost(word, pair):
    """Glue the leftmost occurrence that begins behind what was glued before."""
    place = 0
    while place + 1 < len(word):
        if (word[place], word[place + 1]) == pair:
            word[place : place + 2] = [pair[0] + pair[1]]
        place += 1


def exhaustive(corpus, vocab_size, min_frequency=2):
    """vocab, merges and whether the most frequent pair was ever tied."""
    words = [[*word, END] for text in corpus for word in text.split()]
    alphabet = sorted({symbol for word in words for symbol in word})
    texts = ["<unk>", *alphabet]
    merges, tied = [], False
    while len(texts) < vocab_size:
        counts = count_everything(words)
        top = max(counts.values(), default=0)
        if top < max(min_frequency, 1):
            break
        best = sorted(pair for pair in counts if counts[pair] == top)
        tied = tied or len(best) > 1
        merges.append(best[0])
        if "".join(best[0]) not in texts:
            texts.append("".join(best[0]))
        for word in words:
            glue_leftmost(word, best[0])
    return {text: place for place, text in enumerate(texts)}, merges, tied


def one_by_one(word, merges):
    """Each merge once, in the order learned: what rank order must agree with."""
    symbols = [*word, END]
    for pair in merges:
        glue_leftmost(symbols, pair)
    return symbols


@pytest.mark.parametrize("seed", range(0, 12, 2))
@pytest.mark.parametrize(("letters", "min_frequency"), [("ab", 1), ("abcd", 2), ("aZ<9é", 4)])
def test_training_agrees_with_counting_everything(seed, letters, min_frequency):
    corpus = random_corpus(seed, letters, words=15)
    vocab_size = 8 + 3 * seed
    bpe = trained(corpus, vocab_size, min_frequency)
    vocab, merges, _ = exhaustive(corpus, vocab_size, min_frequency)
    assert bpe.vocab == vocab
    assert bpe.merges == merges


@pytest.mark.parametrize("seed", range(6))
def test_rank_order_agrees_with_merging_one_by_one(seed):
    bpe = trained(random_corpus(seed), vocab_size=40)
    for text in random_corpus(seed + 100, "abcdx", longest=10):
        want = [
            bpe.vocab.get(symbol, 0)
            for word in text.split()
            for symbol in one_by_one(word, bpe.merges)
        ]
        assert bpe.encode(text) == want


@pytest.mark.parametrize("seed", range(6))
def test_decode_gives_back_all_words_of_known_characters(seed):
    bpe = trained(random_corpus(seed), vocab_size=30)
    for text in random_corpus(seed + 100, "abcd", longest=10):
        assert bpe.decode(bpe.encode(f" {text}\n")) == " ".join(text.split())


# ------------------------------------------------------ the tokenizers library


def library_training(corpus, vocab_size, min_frequency=2):
    """vocab and merges of the library's trainer, in our texts."""
    library = Tokenizer(models.BPE(unk_token="<unk>"))
    library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=["<unk>"],
        show_progress=False,
    )
    marked = [" ".join(word + MARK for word in text.split()) for text in corpus]
    library.train_from_iterator(marked, trainer)
    vocab = {text.replace(MARK, END): id_ for text, id_ in library.get_vocab().items()}
    merges = library_merges(library)
    return vocab, merges


def library_merges(library):
    pairs = json.loads(library.to_str())["model"]["merges"]
    pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in pairs]
    return [(left.replace(MARK, END), right.replace(MARK, END)) for left, right in pairs]


def untied(seed):
    """A corpus in which the top pair is never tied, so that no rule for ties is needed."""
    for attempt in range(200):
        corpus = random_corpus(1000 * seed + attempt, "ab<", words=30, longest=4, repeats=60)
        if not exhaustive(corpus, 17)[2]:
            return corpus
    raise AssertionError("no corpus without ties")


@pytest.mark.parametrize("seed", range(3))
def test_training_agrees_with_the_library(seed):
    corpus = untied(seed)
    bpe = trained(corpus, 17)
    vocab, merges = library_training(corpus, 17)
    assert len(merges) == 12
    assert bpe.vocab == vocab
    assert bpe.merges == merges


def test_a_known_text_agrees_with_the_library():
    """Words that spell <unk>, with counts that leave no ties."""
    corpus = ["<u " * 2, "<un " * 3, "<unk " * 4, "<unk>a " * 20, "<unk>b " * 13, "ca"]
    assert not exhaustive(corpus, 14)[2]
    bpe = trained(corpus, 14)
    vocab, merges = library_training(corpus, 14)
    assert bpe.vocab == vocab
    assert bpe.merges == merges
    assert merges[-2:] == [("<unk", ">"), ("a", END)]
    assert vocab["<unk>"] == 0


@pytest.mark.parametrize("seed", range(6))
def test_encoding_agrees_with_the_library(seed):
    bpe = trained(random_corpus(seed), vocab_size=45)
    vocab = {text.replace(END, MARK): id_ for text, id_ in bpe.vocab.items()}
    merges = [(a.replace(END, MARK), b.replace(END, MARK)) for a, b in bpe.merges]
    library = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>"))
    library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    for text in random_corpus(seed + 100, "abcdxy", longest=12):
        marked = " ".join(word + MARK for word in text.split())
        assert bpe.encode(text) == library.encode(marked).ids


# ---------------------------------------------------------- by hand, and hashes


def test_the_example_of_sennrich_by_hand():
    """low 5, lower 2, newest 6, widest 3: e-s 9, es-t 9, est-</w> 9, l-o 7, lo-w 7."""
    corpus = ["low " * 5, "lower " * 2, "newest " * 6, "widest " * 3]
    bpe = trained(corpus, vocab_size=17)
    assert bpe.merges == [("e", "s"), ("es", "t"), ("est", END), ("l", "o"), ("lo", "w")]
    assert [*bpe.vocab] == [
        *["<unk>", END, "d", "e", "i", "l", "n", "o", "r", "s", "t", "w"],
        *["es", "est", "est" + END, "lo", "low"],
    ]
    assert bpe.encode("lowest slow?") == [16, 14, 9, 16, 0, 1]
    assert bpe.decode([16, 14, 9, 16, 0, 1]) == "lowest slow<unk>"


def test_every_hash_seed_gives_the_same_ids():
    code = (
        "import runpy, sys; bpe = runpy.run_path(sys.argv[1])['BPE'](40);"
        "bpe.train(['the quick brown fox jumps over the lazy dog then thaws']);"
        "print(bpe.vocab, bpe.merges)"
    )
    printed = set()
    for seed in "017":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(SOLUTION)]
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1
