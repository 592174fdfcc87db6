"""One self-contained page of HTML: an interview's debrief, or a single check."""
