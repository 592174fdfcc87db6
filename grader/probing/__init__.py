"""How a probe drives an attempt, with all the automatic checks.  Runs in the sandbox, and for our own
answers in the judge."""
