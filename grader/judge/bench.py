"""What a suite works with: an attempt (or one of our answers) on the bench, reached only by probe calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from grader.probing.drive import Attempt
from grader.wire import values
from grader.wire.protocol import Call, Cost, Load, Loaded, Mode, Raised, Reply, Setup


class CaseFailed(AssertionError):
    """The attempt did something that fails the case, in words for the learner."""


class AttemptRaised(CaseFailed):
    """An exception left the attempt."""

    def __init__(self, raised: Raised) -> None:
        name = raised.types[0].removeprefix("builtins.")
        where = "".join(f"\n    {line}" for line in raised.trace)
        super().__init__(f"raises {name}: {raised.message}{where}")
        self.raised = raised


class CaseRefused(CaseFailed):
    """The attempt called what the kata forbids."""


class CaseTimedOut(CaseFailed):
    """The attempt did not come back in time."""


class CaseCrashed(CaseFailed):
    """The attempt's process died."""


class OurFault(Exception):
    """The suite, a probe or the solution is broken: never the learner's fault."""


class Runner(Protocol):
    """Carries out probe calls: in a sandbox, or right here for our own answers."""

    def call(self, call: Call) -> Reply: ...


class Here:
    """Our own answers, run in this very process."""

    def __init__(self, setup: Setup, load: Load) -> None:
        self.attempt = Attempt(setup)
        self.loaded: Loaded = self.attempt.load(load)

    def call(self, call: Call) -> Reply:
        return self.attempt.call(call)


class Remembered:
    """An answer that keeps no state from one call to the next, as our solutions do: the same call
    gives the same reply, so it is made once."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.replies: dict[tuple[Any, ...], Reply] = {}

    def call(self, call: Call) -> Reply:
        key = (call.probe, call.mode, *sorted(call.arguments.items()))
        if key not in self.replies:
            call.fresh = True
            self.replies[key] = self.runner.call(call)
        return self.replies[key]


@dataclass(frozen=True, slots=True)
class Traced:
    """One probe call and what it came to: the evidence that a diagnosis compares."""

    probe: str
    mode: Mode
    arguments: dict[str, Any]
    reply: Reply
    value: Any


class Bench:
    """One subject on the bench during a suite: numbers its calls, checks its replies, keeps the trace."""

    def __init__(self, runner: Runner, flavour: str, device: str) -> None:
        self.runner = runner
        self.flavour = flavour
        self.device = device
        self.number = 0
        self.begin_case()

    def begin_case(self) -> None:
        self.fresh = True
        self.trace: list[Traced] = []
        self.last_arguments: dict[str, Any] = {}

    def run(self, name: str, mode: Mode, arguments: dict[str, Any]) -> tuple[Any, Reply]:
        """The value that the probe returned; raises CaseFailed when there is none to be had."""
        if mode == "meta" and self.flavour == "numpy":
            mode = "plain"
        self.last_arguments = arguments
        self.number += 1
        encoded = {key: values.encode(value) for key, value in arguments.items()}
        call = Call(self.number, name, mode, encoded, self.fresh)
        self.fresh = False
        reply = self.runner.call(call)
        value = self._decoded(reply, mode)
        self.trace.append(Traced(name, mode, arguments, reply, value))
        self._judge(reply, mode)
        return value, reply

    def _decoded(self, reply: Reply, mode: Mode) -> Any:
        if reply.value is None:
            return None
        decoder = values.Decoder()
        try:
            value = decoder.decode(reply.value)
        except values.Unsupported as problem:
            raise CaseFailed(f"sent back {problem}") from None
        stray = [device for device in decoder.devices if not self._at_home(device)]
        if stray and mode == "plain":
            raise CaseFailed(f"a result lives on {stray[0]}, the inputs on {self.device}")
        return value

    def _at_home(self, device: str) -> bool:
        # float64 does not exist on MPS: such inputs stay on the CPU, and so may their results
        return device == self.device or (self.device == "mps" and device in ("mps:0", "cpu"))

    def _judge(self, reply: Reply, mode: Mode) -> None:
        if reply.refused:
            raise CaseRefused(f"{reply.refused} is forbidden in this kata")
        if reply.mixed:
            raise CaseFailed(f"on another device: {reply.mixed} (a device= or .to() is missing)")
        if reply.raised is not None:
            raise AttemptRaised(reply.raised)
        if reply.unsupported:
            raise CaseFailed(f"returns {reply.unsupported}")
        if reply.changed:
            raise CaseFailed(f"changes its input {', '.join(reply.changed)}")
        if reply.random:
            raise CaseFailed(f"uses the global random state of {', '.join(reply.random)}")
        if mode == "cost" and reply.cost is None:
            raise CaseFailed("its cost could not be measured")


@dataclass(frozen=True, slots=True)
class Measured:
    """What `probe.cost.name(...)` returns."""

    value: Any
    operations: int
    flops: int
    lines: int
    peak_bytes: int
    largest_bytes: int


class Probe:
    """The fixtures `probe` and `truth`: attribute access gives a probe to call."""

    def __init__(self, bench: Bench, mode: Mode = "plain") -> None:
        self._bench = bench
        self._mode = mode

    @property
    def on_meta(self) -> "Probe":
        return Probe(self._bench, "meta")

    @property
    def cost(self) -> "Probe":
        return Probe(self._bench, "cost")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def probe(**arguments: Any) -> Any:
            if self._mode == "meta":
                return self._on_meta(name, arguments)
            value, reply = self._bench.run(name, self._mode, arguments)
            return value if self._mode != "cost" else _measured(value, reply.cost)

        return probe

    def _on_meta(self, name: str, arguments: dict[str, Any]) -> Any:
        """Only the mixing of devices fails; what the pretend device cannot do is run plainly instead."""
        try:
            return self._bench.run(name, "meta", arguments)[0]
        except AttemptRaised:
            self._bench.trace.pop()
            return self._bench.run(name, "plain", arguments)[0]


def _measured(value: Any, cost: Cost | None) -> Measured:
    if cost is None:
        raise CaseFailed("its cost could not be measured")
    return Measured(
        value, cost.operations, cost.flops, cost.lines, cost.peak_bytes, cost.largest_bytes
    )
