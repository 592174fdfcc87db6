"""How an attempt at `bpe` is driven.  Every probe trains a tokenizer first."""


def learned(attempt, *, corpus, vocab_size, **options):
    """vocab and merges after training on a list of texts."""
    return state(trained(attempt, corpus, vocab_size, options))


def learned_from_generator(attempt, *, corpus, vocab_size):
    """The same, but the texts can be read only once."""
    return state(trained(attempt, (text for text in corpus), vocab_size))


def merges(attempt, *, corpus, vocab_size, **options):
    """The pairs learned, earliest first."""
    return state(trained(attempt, corpus, vocab_size, options))["merges"]


def encoded(attempt, *, corpus, vocab_size, text):
    """The ids of text."""
    return trained(attempt, corpus, vocab_size).encode(text)


def segmented(attempt, *, corpus, vocab_size, text):
    """The tokens of text as strings; an id that no token has stays a number."""
    bpe = trained(attempt, corpus, vocab_size)
    texts = {token_id: token for token, token_id in bpe.vocab.items()}
    return [texts.get(token_id, token_id) for token_id in bpe.encode(text)]


def encoded_twice(attempt, *, corpus, vocab_size, text):
    """The ids of text, the ids of text once more, and vocab after both."""
    bpe = trained(attempt, corpus, vocab_size)
    first, second = list(bpe.encode(text)), list(bpe.encode(text))
    return {"first": first, "second": second, "vocab": state(bpe)["vocab"]}


def encoded_after_a_change(attempt, *, corpus, vocab_size, text):
    """The ids of text, once the list that an earlier call gave was emptied."""
    bpe = trained(attempt, corpus, vocab_size)
    earlier = bpe.encode(text)
    if isinstance(earlier, list):
        earlier.clear()
    return bpe.encode(text)


def decoded(attempt, *, corpus, vocab_size, ids):
    """The text of ids."""
    return trained(attempt, corpus, vocab_size).decode(ids)


def round_trip(attempt, *, corpus, vocab_size, text):
    """decode(encode(text))."""
    bpe = trained(attempt, corpus, vocab_size)
    return bpe.decode(bpe.encode(text))


def trained_twice(attempt, *, first, second, vocab_size, text):
    """One tokenizer, used after a first training and again after a second."""
    bpe = trained(attempt, first, vocab_size)
    bpe.decode(bpe.encode(text))
    bpe.train(second)
    ids = bpe.encode(text)
    return {**state(bpe), "ids": ids, "text": bpe.decode(ids)}


def decoded_after_both(attempt, *, first, second, vocab_size, ids):
    """The text of ids after a second training; the tokenizer was used after the first."""
    bpe = trained(attempt, first, vocab_size)
    bpe.decode(bpe.encode(" ".join(first)))
    bpe.train(second)
    return bpe.decode(ids)


def two_tokenizers(attempt, *, first, second, vocab_size, text):
    """A tokenizer after another one was made, trained and used."""
    bpe = trained(attempt, first, vocab_size)
    other = trained(attempt, second, vocab_size)
    other_ids = other.encode(text)
    return {**state(bpe), "ids": bpe.encode(text), "ids of the other": other_ids}


def kinds(attempt, *, corpus, vocab_size, text):
    """Whether attributes and answers are of the kinds that the brief names."""
    bpe = trained(attempt, corpus, vocab_size)
    ids = bpe.encode(text)
    return {
        "vocab is a dict": isinstance(bpe.vocab, dict),
        "merges is a list": isinstance(bpe.merges, list),
        "each merge is a tuple": all(isinstance(pair, tuple) for pair in bpe.merges),
        "encode gives a list": isinstance(ids, list),
        "decode gives a str": isinstance(bpe.decode(ids), str),
    }


def trained(attempt, corpus, vocab_size, options=None):
    """A tokenizer trained on corpus; options may hold min_frequency."""
    bpe = attempt.BPE(vocab_size, **(options or {}))
    bpe.train(corpus)
    return bpe


def state(bpe):
    """Copies of vocab and merges, as a plain dict and a list of plain tuples."""
    return {"vocab": dict(bpe.vocab), "merges": [tuple(pair) for pair in bpe.merges]}
