"""Levers in compiled rules: `Levers(...)` and `levers.set(...)`, whose numbers are always floats.

A rule may set a lever to a whole number or a truth value in one case and to a float in another,
which only works if all levers of a rule have one type.  So the compiler of rules puts
`levers_of_numbers` in the place of `Levers`.
"""

from numba import types
from numba.core import ir
from numba.core.errors import TypingError
from numba.extending import overload, overload_method

from regimesim.model.oversight.levers import Levers, unknown

NAMES = Levers._fields


def levers_of_numbers(
    audit_budget, pause, growth, contact, hold, density_floor, correction, frozen
) -> Levers:
    """Levers of floats."""
    numbers = (audit_budget, pause, growth, contact, hold, density_floor, correction, frozen)
    return Levers(*map(float, numbers))


@overload(levers_of_numbers)
def _levers_of_numbers(
    audit_budget, pause, growth, contact, hold, density_floor, correction, frozen
):
    _check((audit_budget, pause, growth, contact, hold, density_floor, correction, frozen))

    def made(audit_budget, pause, growth, contact, hold, density_floor, correction, frozen):
        return Levers(
            1.0 * audit_budget,
            1.0 * pause,
            1.0 * growth,
            1.0 * contact,
            1.0 * hold,
            1.0 * density_floor,
            1.0 * correction,
            1.0 * frozen,
        )

    return made


@overload_method(types.NamedUniTuple, "set")
def _set(
    levers,
    audit_budget=None,
    pause=None,
    growth=None,
    contact=None,
    hold=None,
    density_floor=None,
    correction=None,
    frozen=None,
):
    if levers.instance_class is not Levers:
        return None
    _check((audit_budget, pause, growth, contact, hold, density_floor, correction, frozen))

    def changed(
        levers,
        audit_budget=None,
        pause=None,
        growth=None,
        contact=None,
        hold=None,
        density_floor=None,
        correction=None,
        frozen=None,
    ):
        return Levers(
            _chosen(audit_budget, levers.audit_budget),
            _chosen(pause, levers.pause),
            _chosen(growth, levers.growth),
            _chosen(contact, levers.contact),
            _chosen(hold, levers.hold),
            _chosen(density_floor, levers.density_floor),
            _chosen(correction, levers.correction),
            _chosen(frozen, levers.frozen),
        )

    return changed


def _chosen(new, old):
    """The new value of a lever, or the old one where the call leaves the lever out."""
    raise NotImplementedError("it is compiled only")


@overload(_chosen)
def _compiled_chosen(new, old):
    if isinstance(new, types.NoneType | types.Omitted):
        return lambda new, old: 1.0 * old
    return lambda new, old: 1.0 * new


def _check(kinds):
    """Raise TypingError where a lever would be set to something other than a number."""
    for name, kind in zip(NAMES, kinds, strict=True):
        left_out = kind is None or isinstance(kind, types.Omitted)
        if not left_out and not isinstance(kind, types.Float | types.Integer | types.Boolean):
            raise TypingError(f"must set levers to numbers, but sets {name} to {type_name(kind)}")


def type_name(kind) -> str:
    """A type of numba in words."""
    if isinstance(kind, types.Optional | types.NoneType):
        return "None"
    return "text" if isinstance(kind, types.UnicodeType | types.StringLiteral) else str(kind)


def mistake_in(call: ir.Expr, is_method: bool) -> str | None:
    """What is wrong with the names in a call of `Levers`, or of the method `set`."""
    named = [name for name, _ in call.kws]
    wrong = next((name for name in named if name not in NAMES), None)
    if wrong:
        return unknown("lever", wrong, NAMES)
    if is_method:
        by_place = call.args or call.vararg
        return (
            "levers.set takes levers by name, as in levers.set(growth=0.0)" if by_place else None
        )
    missing = [name for name in NAMES[len(call.args) :] if name not in named]
    if call.vararg is None and missing:
        return (
            f"Levers(...) lacks {', '.join(missing)}; levers.set(...) keeps what it does not set"
        )
    return None
