"""Runs the hidden suite and writes the verdict.  Trusted: the only process that reads reference/."""
