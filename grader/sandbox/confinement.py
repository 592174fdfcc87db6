"""A sandbox locks itself in before it loads an attempt.  Each part holds alone where another is missing.

Files: Landlock.  Network, processes, signals to others, changes of owner or mode: a system call filter.
Memory, CPU, file size, descriptors: resource limits.
"""

import os
import resource
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.sandbox import kernel

SOCKET_AT = 3  # where the socket to the judge is; every higher descriptor is closed
LARGEST_FILE = 64 * 1024 * 1024
CPU_SECONDS = 3600
OPEN_FILES = 128

# the calls that have a rule of their own in `filter_program`; an attempt has no use for the others
RULED = {"clone", "clone3", "kill", "tgkill", "prlimit64", "prctl", "rt_sigaction"}
RULED |= {"fcntl", "ioctl", "sched_setaffinity"}
DENIED = sorted(set(kernel.SYSCALLS) - RULED)

# classic BPF: opcodes and seccomp's return values
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x00050000 | 1, 0x00050000 | 38
_CLONE_THREAD = 0x00010000


class Place(NamedTuple):
    """Where an attempt is to run, and what it may have there."""

    scratch: Path  # written, then deleted
    readable: list[Path]  # beside Python and the libraries
    device: str
    memory_mb: int  # of the CPU's


def keep_only(sock: socket.socket) -> socket.socket:
    """Close every descriptor but standard input, output, error and this socket."""
    os.dup2(sock.fileno(), SOCKET_AT)
    if sock.fileno() != SOCKET_AT:
        sock.close()
    os.closerange(SOCKET_AT + 1, os.sysconf("SC_OPEN_MAX"))
    return socket.socket(fileno=SOCKET_AT)


def confine(place: Place) -> list[str]:
    """Lock this process in; returns the parts that this machine could not give."""
    os.chdir(place.scratch)
    _cut_environment(place.scratch)
    # a driver reserves huge address ranges, starts threads and handles signals
    driver = place.device != "cpu"
    limits(0 if driver else place.memory_mb)
    missing = []
    parts: dict[str, Callable[[], None]] = {
        "files": lambda: files(place.scratch, place.readable, _driver_files() if driver else []),
        "privileges": privileges,
        "system calls": lambda: system_calls(driver=driver),
    }
    for name, step in parts.items():
        try:
            step()
        except (OSError, KeyError) as problem:
            missing.append(f"{name}: {problem}")
    return missing


def limits(memory_mb: int) -> None:
    """Resource limits; `memory_mb` of 0 leaves memory open (CUDA reserves huge address ranges)."""
    if memory_mb:
        _limit(resource.RLIMIT_AS, _address_space() + memory_mb * 1024 * 1024)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)


def files(scratch: Path, readable: list[Path], driver: list[Path]) -> None:
    """Landlock: read Python, the libraries and the kata; write the scratch folder; nothing else."""
    if not kernel.landlock_abi():
        raise OSError(0, "this kernel has no Landlock")
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    rules = [(path, kernel.FS_READ | kernel.FS_EXECUTE) for path in [*_libraries(), *readable]]
    rules += [(path, kernel.FS_FILE_ONLY & ~kernel.FS_EXECUTE) for path in driver]
    rules += [(Path("/dev/null"), kernel.FS_READ | kernel.FS_WRITE_FILE), (scratch, (1 << 16) - 1)]
    opened = []
    for path, access in rules:
        if path.exists():
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            opened.append((descriptor, access if path.is_dir() else access & kernel.FS_FILE_ONLY))
    kernel.landlock(opened)
    for descriptor, _ in opened:
        os.close(descriptor)


def privileges() -> None:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()


def system_calls(*, driver: bool) -> None:
    """A filter: no processes, no threads, no network, no signals to others, no handlers of them."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.seccomp(filter_program(os.getpid(), driver=driver))


def filter_program(pid: int, *, driver: bool) -> list[tuple[int, int, int, int]]:
    """Classic BPF over struct seccomp_data: number at 0, architecture at 4, arguments from 16."""
    program = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, kernel.AUDIT_ARCH[kernel.MACHINE]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, 0x40000000),  # the x32 twins of the calls
        (_RETURN, 0, 0, _EPERM),
    ]
    # a thread or a signal handler would run beside and inside the code that drives the attempt
    for name in DENIED if driver else (*DENIED, "clone", "rt_sigaction"):
        program += _when(kernel.number(name), [(_RETURN, 0, 0, _EPERM)])
    # ENOSYS makes the C library fall back to clone, whose flags a filter can read
    program += _when(kernel.number("clone3"), [(_RETURN, 0, 0, _ENOSYS)])
    program += _when(kernel.number("clone"), _first_argument((_ANY_BIT, 1, 0, _CLONE_THREAD)))
    unbound = (_EQUAL, 0, 1, kernel.PR_SET_PDEATHSIG)  # it would outlive a killed supervisor
    program += _when(
        kernel.number("prctl"),
        [(_LOAD, 0, 0, 16), unbound, (_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)],
    )
    for name in ("kill", "tgkill"):
        program += _when(kernel.number(name), _first_argument((_EQUAL, 1, 0, pid)))
    own = [(_LOAD, 0, 0, 16), (_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, pid), (_RETURN, 0, 0, _EPERM)]
    for name in ("prlimit64", "sched_setaffinity"):
        program += _when(kernel.number(name), [*own, (_RETURN, 0, 0, _ALLOW)])
    # a descriptor could be made to send a signal, and to whom
    setting = kernel.F_SETOWN, kernel.F_SETSIG, kernel.F_SETOWN_EX
    program += _when(kernel.number("fcntl"), _but(setting))
    program += _when(kernel.number("ioctl"), _but((kernel.FIOSETOWN, kernel.SIOCSPGRP)))
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _when(
    call: int | None, then: list[tuple[int, int, int, int]]
) -> list[tuple[int, int, int, int]]:
    """Instructions that run for one system call and are jumped over for all others."""
    return [] if call is None else [(_EQUAL, 0, len(then), call), *then]


def _first_argument(test: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    """Allow when the test on the low word of the first argument holds, else refuse."""
    return [(_LOAD, 0, 0, 16), test, (_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)]


def _but(commands: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Allow all but these commands, which stand in the low word of the second argument."""
    tests = [(_EQUAL, len(commands) - place, 0, one) for place, one in enumerate(commands)]
    return [(_LOAD, 0, 0, 24), *tests, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]


def _libraries() -> list[Path]:
    """Python, its packages and the shared libraries under them."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = [Path(sysconfig.get_path(name)) for name in names]
    found += [Path(sys.base_prefix) / "lib", Path("/usr/lib"), Path("/lib"), Path("/lib64")]
    return [*found, Path("/etc/ld.so.cache"), Path("/dev/urandom"), Path("/usr/share/zoneinfo")]


def _driver_files() -> list[Path]:
    """The device files through which an accelerator is reached."""
    return [*sorted(Path("/dev").glob("nvidia*")), Path("/dev/kfd"), Path("/dev/dri")]


def _cut_environment(scratch: Path) -> None:
    os.environ.clear()
    os.environ.update(HOME=str(scratch), TMPDIR=str(scratch), LANG="C.UTF-8", PATH="/usr/bin:/bin")
    tempfile.tempdir = None  # the warm process has looked up its own


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    """Bytes of address space in use now: what torch and Python take before the attempt comes."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()
