"""Runs the attempt.  Hostile from the moment it loads it: nothing secret is in its memory or its reach."""
