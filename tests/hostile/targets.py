"""What reads files of strangers: a name, valid files, and the function that reads one.

To add a target, put a `Target` into the list of one of the modules below, or a module of its own into `TARGETS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mutation import mutated

from radcompare.errors import RadcompareError


@dataclass(frozen=True)
class Target:
    """One kind of file.

    Attributes:
        name: of the target.
        suffix: of its files.
        seeds: makes valid files, all of which are read.
        read: reads a file, which lies alone in a folder; raises what the program raises.
        pack: makes a file of the bytes that are damaged (compression, checksums); every second input goes through it.
        unpacked: what is damaged for those; the seeds themselves if absent.
        head: bytes of the header.
    """

    name: str
    suffix: str
    seeds: Callable[[], Sequence[bytes]]
    read: Callable[[Path], object]
    pack: Callable[[bytes], bytes] | None = field(default=None, compare=False)
    unpacked: Callable[[], Sequence[bytes]] | None = field(default=None, compare=False)
    head: int = 400

    def input(self, number: int, seed: int = 1) -> bytes:
        """The damaged file of a number."""
        packs = self.pack is not None and number % 2 == 1
        seeds = _made(self.unpacked if packs and self.unpacked is not None else self.seeds)
        content = mutated(seeds, number, name=self.name, seed=seed, head=self.head)
        return self.pack(content) if packs and self.pack is not None else content


@dataclass(frozen=True)
class Verdict:
    """What came of one input: `read`, `refused`, or a fault with what it was."""

    outcome: str
    what: str = ""


def judge(target: Target, path: Path) -> Verdict:
    """Read a file; only a `RadcompareError` that says something may come out."""
    try:
        target.read(path)
    except RadcompareError as error:
        silent = not error.message.strip() or not error.hint.strip()
        return (
            Verdict("fault", f"{type(error).__name__} without message or hint: {error}")
            if silent
            else Verdict("refused")
        )
    except Exception as error:  # noqa: BLE001  # which is what is looked for
        return Verdict("fault", f"{_place(error)}: {type(error).__name__}: {str(error)[:150]!r}")
    return Verdict("read")


def _place(error: BaseException) -> str:
    """The last line of the program's own that an error went through."""
    found, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "/radcompare/" in file:
            found = f"{file.rpartition('/radcompare/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


@cache
def _made(make: Callable[[], Sequence[bytes]]) -> Sequence[bytes]:
    return make()


def targets() -> dict[str, Target]:
    """All of them by name."""
    import image_targets
    import settings_targets
    import table_targets
    import weight_targets

    modules = (table_targets, settings_targets, weight_targets, image_targets)
    return {target.name: target for module in modules for target in module.TARGETS}
