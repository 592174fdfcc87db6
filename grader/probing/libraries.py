"""Where code that is no attempt comes from: Python, its packages, this program and the probes."""

import sysconfig

_PATHS = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
ROOTS = tuple({*_PATHS, __file__.rpartition("probing")[0], "<frozen ", "probes.py"})
