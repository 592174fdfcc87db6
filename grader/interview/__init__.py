"""A timed mock interview: its plan, its state, its rubric and its debrief.  Runs on the terminal's side."""
