"""The command line: each command gathers, calls one function, prints, exits.  Never imports torch."""
