"""How an attempt at top-p sampling is driven.

Right attempts turn the same generator into different tokens, so the probes that draw return what
all of them share: which tokens came up, how often in tenths, and whether draws repeat.
"""

import torch


def filtered(attempt, *, logits, p):
    """The filtered logits."""
    return attempt.top_p_filter(logits, p)


def sweep(attempt, *, logits, ps):
    """The same logits, filtered for one p after the other."""
    return [attempt.top_p_filter(logits, p).clone() for p in ps]


def sampled(attempt, *, logits, p, temperature=1.0, seed=0):
    """One token for each row."""
    generator = _generator(logits, seed)
    return attempt.sample_top_p(logits, p, temperature, generator)


def sampled_globally(attempt, *, logits, p, temperature=1.0):
    """One token for each row, without a generator."""
    return attempt.sample_top_p(logits, p, temperature=temperature)


sampled_globally.draws = True


def support(attempt, *, logits, p, seed=0, **temperature):
    """Which tokens a few hundred draws from one row of logits, (V,), bring up."""
    calls = _draws(attempt, logits, p, seed, temperature, calls=4, rows=50)
    return {"tokens": _tokens(calls), "all rows of a call alike": _alike(calls)}


def shares(attempt, *, logits, p, seed=0, **temperature):
    """How often each token comes in 4000 draws from one row of logits, (V,), in tenths."""
    calls = _draws(attempt, logits, p, seed, temperature, calls=8, rows=500)
    return {
        "all rows of a call alike": _alike(calls),
        "tokens": _tokens(calls),
        "tenths": _tenths(calls, logits.shape[-1]),
    }


def alike(attempt, *, logits, p, seed=0):
    """Do equal rows of logits, in two leading dimensions, share their tokens along one of them?"""
    batch = logits.expand(20, 30, -1).clone()
    tokens = attempt.sample_top_p(batch, p, generator=_generator(logits, seed))
    return {
        "along the first": bool((tokens == tokens[:1]).all()),
        "along the second": bool((tokens == tokens[:, :1]).all()),
    }


def replay(attempt, *, logits, p, seeds, rows=100):
    """Does the generator decide which tokens come?"""
    batch = logits.expand(rows, -1).clone()

    def twice(seed):
        generator = _generator(logits, seed)
        return [attempt.sample_top_p(batch, p, generator=generator) for _ in range(2)]

    return _repeats(*(twice(seed) for seed in (seeds[0], seeds[0], seeds[1])))


def global_replay(attempt, *, logits, p, seeds, rows=100):
    """Does torch.manual_seed decide which tokens come, without a generator?"""
    batch = logits.expand(rows, -1).clone()

    def twice(seed):
        torch.manual_seed(seed)
        return [attempt.sample_top_p(batch, p) for _ in range(2)]

    return _repeats(*(twice(seed) for seed in (seeds[0], seeds[0], seeds[1])))


global_replay.draws = True


def _generator(logits, seed):
    return torch.Generator(device=logits.device).manual_seed(seed)


def _repeats(first, again, other):
    """Each argument: the tokens of two calls in a row after seeding."""
    return {
        "same seed, same tokens": all(map(torch.equal, first, again)),
        "next call, same tokens": torch.equal(first[0], first[1]),
        "other seed, same tokens": torch.equal(first[0], other[0]),
    }


def _draws(attempt, logits, p, seed, temperature, calls, rows):
    """The tokens of some calls with the same generator, one list per call.

    temperature: a dict, empty to leave it to the attempt's default.
    """
    generator = _generator(logits, seed)
    tokens = []
    for _ in range(calls):
        batch = logits.expand(rows, -1).clone()
        drawn = attempt.sample_top_p(batch, p, generator=generator, **temperature)
        tokens.append(drawn.flatten().tolist())
    return tokens


def _alike(calls):
    return all(len(set(drawn)) == 1 for drawn in calls)


def _tokens(calls):
    """All tokens seen.  Where all rows of a call are alike, the draws are too few to name them."""
    tokens = sorted({token for drawn in calls for token in drawn})
    return "several" if _alike(calls) and len(tokens) > 1 else tokens


def _tenths(calls, vocabulary):
    drawn = [token for call in calls for token in call]
    shares = [round(10 * drawn.count(token) / len(drawn)) for token in range(vocabulary)]
    return None if _alike(calls) else shares
