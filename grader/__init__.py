"""The program: the command line, the warm process, the sandbox and the judge."""

__version__ = "0.1.0"
