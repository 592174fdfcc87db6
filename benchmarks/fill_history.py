"""Fill the history under KATA_HOME with years of practice: fill_history.py [CHECKS] [SEED].

Rows are written as the program writes them, a thousand to a transaction; the last one is of this hour.
"""

import random
import sys
import time
from collections.abc import Iterator

from grader import cards, catalogue, questions
from grader.catalogue import Kata
from grader.history import database, entry
from grader.history.reviews import Review, add

DAYS = 730.0
BATCH = 1000
CASES = 15


def main(checks: int = 100_000, seed: int = 0) -> None:
    draw = random.Random(seed)
    katas = catalogue.every()
    rows = practice(draw, katas, checks)
    written = 0
    while written < checks:
        with database.transaction() as connection:
            for kata, at, verdict, text in (
                next(rows) for _ in range(min(BATCH, checks - written))
            ):
                if text is None:
                    written -= 1
                    connection.execute(
                        "INSERT INTO events (at, kata, kind, detail) VALUES (?, ?, ?, '')",
                        (at, kata.slug, verdict["kind"]),
                    )
                else:
                    entry.insert(connection, at, verdict, f"attempts/{kata.slug}.py", text)
                written += 1
    answers(draw, katas)
    cards.catch_up()
    print(f"{written} checks in {database.file()}")


def practice(draw: random.Random, katas: list[Kata], checks: int) -> Iterator[tuple]:
    """Checks and events in the order of time: attempts of one to nine checks, some with a hint."""
    begin, done = time.time() - DAYS * 86400, 0

    def moment(part: float) -> float:
        return begin + DAYS * 86400 * (done + part) / checks

    stubs = {kata.slug: kata.stub(kata.flavours[0]) for kata in katas}
    while True:
        kata = draw.choice(katas)
        yield kata, moment(0.1), {"kind": "new"}, None
        length = min(1 + int(draw.expovariate(0.4)), 9)
        for number in range(1, length + 1):
            if draw.random() < 0.1:
                kind = draw.choice(["hint", "hint", "reveal"])
                yield kata, moment(draw.uniform(0.2, 0.4)), {"kind": kind}, None
            passed = number == length and draw.random() < 0.8
            text = stubs[kata.slug] + f"# {draw.randrange(5000)}\n"
            yield kata, moment(draw.uniform(0.5, 1)), verdict_of(draw, kata, passed=passed), text
            done += 1


def verdict_of(draw: random.Random, kata: Kata, *, passed: bool) -> dict:
    good = CASES if passed else draw.randrange(CASES)
    cases = [
        {
            "name": f"test_case_{number}",
            "claim": f"case {number} of {kata.slug} holds",
            "level": ("correct", "robust", "fast")[number // 6],
            "outcome": "passed" if number < good else "failed",
            "seconds": round(draw.uniform(0.0005, 0.01), 5),
            "message": "" if number < good else "7 of 12 numbers differ, the worst at [3, 1]",
            "output": "",
            "details": {} if number < good else {"input": "(3, 4)", "got": "0.1", "want": "0.2"},
            "asks": [],
        }
        for number in range(CASES)
    ]
    mistake = f"mistake {draw.randrange(12)} of {kata.slug}"
    named = {"mistake": mistake.replace(" ", "_"), "title": mistake, "questions": []}
    return {
        **{"schema": 1, "kata": kata.slug, "flavour": kata.flavours[0], "device": "cpu"},
        **{"outcome": "passed" if passed else "failed", "seconds": 0.08, "cases": cases},
        "levels": {},
        "diagnosis": [named] if not passed and draw.random() < 0.5 else [],
        **{"questions": [], "error": "", "selected": draw.random() < 0.05 and not passed},
    }


def answers(draw: random.Random, katas: list[Kata]) -> None:
    """Forty ratings of each question."""
    now = time.time()
    given = [
        Review(
            now - draw.uniform(0, DAYS) * 86400,
            *("question", kata.slug, one.id, draw.choice([1, 2, 3, 3, 3, 4])),
        )
        for kata in katas
        for one in questions.load(kata.folder)
        for _ in range(40)
    ]
    with database.transaction() as connection:
        add(connection, given)
        cards.refresh(connection, {one.key for one in given})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
