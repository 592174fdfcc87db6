"""The warm process: torch, numpy and pytest imported once, forked for every check."""
