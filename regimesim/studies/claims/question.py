"""Which claims are put to the test, and under which settings."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from regimesim.errors import Refusal, in_short, shown
from regimesim.scenario import Scenario
from regimesim.scenario.shipped import shipped
from regimesim.scenario.toml_reader import read_setting
from regimesim.studies.claims.claim import Claim, find_claims, load_claim, read_claim


@dataclass(frozen=True)
class Question:
    """Whether the patterns of `claims` are seen; `alone` where the caller named one claim."""

    claims: tuple[Claim, ...]
    alone: bool = False
    threads: int | None = None

    @property
    def scenario(self) -> Scenario | None:
        """The scenario of the only claim; each of several has its own."""
        return self.claims[0].scenario if self.alone else None

    @property
    def folder(self) -> str:
        return f"claim-{self.claims[0].id}" if self.alone else "claims"

    @property
    def total(self) -> int:
        return sum(map(worlds_of, self.claims))


def ask(
    claims: str | Iterable[str] = (),
    settings: Mapping[str, object] | Iterable[str] = (),
    folder: str | Path | None = None,
    threads: int | None = None,
) -> Question:
    """Check the arguments of `claims`; see there.  Raises Refusal."""
    names = [claims] if isinstance(claims, str) else list(claims)
    known = find_claims(claims_folder(folder))
    paths = [_path(name, known) for name in names] or list(known.values())
    changes = dict(settings if isinstance(settings, Mapping) else map(read_setting, settings))
    chosen = tuple(_changed(load_claim(path), changes) for path in paths)
    return Question(chosen, alone=len(names) == 1, threads=threads)


def claims_folder(folder: str | Path | None = None) -> Path:
    """The folder of the claims, by default the shipped one."""
    return shipped("claims") if folder is None else Path(folder)


def worlds_of(claim: Claim) -> int:
    """How many worlds a claim runs, over all policies."""
    return claim.scenario.worlds * len(claim.scenario.policies)


def _path(name: str, known: Mapping[str, Path]) -> Path:
    digits = re.fullmatch(r"[Cc]0*(\d+)", name)
    wanted = f"C{digits[1]}" if digits else name
    if wanted not in known:
        raise Refusal(f"no claim {shown(name)}; there are {', '.join(in_short(known))}")
    return known[wanted]


def _changed(claim: Claim, changes: Mapping[str, object]) -> Claim:
    """The claim with settings replaced."""
    if not changes:
        return claim
    changed = read_claim(claim.scenario.override(changes, "command line"))
    return changed._replace(worlds=claim.worlds)
