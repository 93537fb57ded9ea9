"""Parameters are declared once: ranges, distributions, words, and what is refused."""

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from scipy import stats

from regimesim.errors import dotted, nearest, shown
from regimesim.scenario.declaration import (
    PARADIGMS,
    Choice,
    Declaration,
    Distribution,
    Fit,
    Quantity,
    Refusal,
    extent,
    plain,
)
from regimesim.scenario.distribution import FIT_FORMS, KINDS
from regimesim.scenario.parameters import (
    SWITCHED,
    Tables,
    active,
    choices,
    declarations,
    groups,
    quantities_of,
)

SHARE = Quantity("share", 0, 1)
INSIDE = Quantity("share", 0, 1, open_low=True, open_high=True)
WIDE = Quantity("doublings", -10, 60)
WHOLE = Quantity("labs", 1, 20, whole=True)
FITTED = Quantity("months", 0.5, 120, fit=True)
FOUR = Quantity("", -1, 1, parts=PARADIGMS)

every_declaration = pytest.mark.parametrize("entry", declarations(), ids=lambda entry: entry.key)


def refusal(quantity, raw) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        quantity.read(raw)
    return caught.value.context["reason"]


@every_declaration
def test_every_default_is_allowed_and_described(entry: Declaration):
    assert entry.quantity.read(plain(entry.default)) == entry.default
    assert entry.words.endswith((".", '".'))
    assert len(entry.words) > 10
    assert entry.quantity.source
    assert entry.quantity.range
    if isinstance(entry.quantity, Quantity):
        assert -math.inf < entry.quantity.low < entry.quantity.high < math.inf
    if isinstance(entry.quantity, Choice):
        assert entry.default == entry.quantity.options[0]


@every_declaration
def test_both_ends_of_a_range_are_allowed_unless_open_and_nothing_beyond(entry: Declaration):
    quantity = entry.quantity
    if not isinstance(quantity, Quantity):
        return
    count = len(quantity.parts)
    for end, opened, outward in (
        (quantity.low, quantity.open_low, -1),
        (quantity.high, quantity.open_high, 1),
    ):
        beyond = end + outward if quantity.whole else math.nextafter(end, outward * math.inf)
        for value in (beyond, *([end] if opened else [])):
            assert "allowed is" in refusal(quantity, [value] * count if count else value)
        if not opened:
            read = quantity.read([end] * count if count else end)
            assert read == ((end,) * count if count else end)


def test_keys_are_unique_and_settings_come_first():
    keys = [entry.key for entry in declarations()]
    assert len(set(keys)) == len(keys)
    assert keys[:8] == [
        "name",
        "description",
        "start",
        "months",
        "labs",
        "systems",
        "worlds",
        "seed",
    ]
    assert keys.index("capability.initial") < keys.index("oversight.pause.pause_compliance")


@given(st.floats(0, 1))
def test_a_number_in_range_is_read_as_it_is(number):
    assert SHARE.read(number) == number


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1.0000001, -1e-9, 10**400])
def test_a_number_outside_the_range_is_refused(wrong):
    assert refusal(SHARE, wrong) == f"found {shown(wrong)}; allowed is 0 to 1"


@pytest.mark.parametrize("wrong", [True, False, "0.5", None, [0.5], 0.5j])
def test_what_is_no_number_is_refused(wrong):
    expected = "allowed is a number, 0 to 1, or a distribution"
    assert refusal(SHARE, wrong) == f"found {shown(wrong)}; {expected}"


def test_an_open_range_excludes_its_ends():
    assert refusal(INSIDE, 0) == "found 0; allowed is more than 0 and less than 1"
    assert refusal(INSIDE, 1.0) == "found 1; allowed is more than 0 and less than 1"
    assert INSIDE.read(0.5) == 0.5


def test_a_whole_number_takes_no_part_and_no_distribution():
    assert WHOLE.read(3) == 3
    assert isinstance(WHOLE.read(3.0), int)
    expected = "allowed is a whole number, 1 to 20"
    assert refusal(WHOLE, 2.5) == f"found 2.5; {expected}"
    assert refusal(WHOLE, {"uniform": [1, 4]}) == f"found {{uniform = [1, 4]}}; {expected}"
    assert refusal(WHOLE, True) == f"found true; {expected}"


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        ({"normal": [15, 2]}, (15.0, 2.0)),
        ({"lognormal": [6, 0.2]}, (6.0, 0.2)),
        ({"uniform": [0, 1]}, (0.0, 1.0)),
        ({"triangular": [0, 0, 1]}, (0.0, 0.0, 1.0)),
        ({"beta": [2, 5]}, (2.0, 5.0)),
    ],
)
def test_every_kind_of_distribution_is_read_and_written_back(raw, numbers):
    read = WIDE.read(raw)
    assert read == Distribution(next(iter(raw)), numbers)
    assert WIDE.read(read.plain()) == read == WIDE.read(read)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"normal": [1]}, "a normal takes [mean, sd]"),
        ({"normal": 1}, "a normal takes [mean, sd]"),
        ({"triangular": [1, 2]}, "a triangular takes [low, mode, high]"),
        ({"normal": [1, math.nan]}, "a normal takes [mean, sd] of finite numbers"),
        ({"uniform": [0, math.inf]}, "a uniform takes [low, high] of finite numbers"),
        ({"beta": [True, 1]}, "a beta takes [a, b] of finite numbers"),
        ({"normal": [10**400, 1]}, "a normal takes [mean, sd] of finite numbers"),
        ({"normal": [1, -0.1]}, "the sd of a normal is at least 0"),
        ({"lognormal": [1, -1]}, "the sigma of a lognormal is at least 0"),
        ({"lognormal": [0, 1]}, "the median of a lognormal is more than 0"),
        ({"uniform": [1, 1]}, "low is less than high in a uniform"),
        ({"triangular": [2, 1, 0]}, "low is less than high in a triangular"),
        ({"triangular": [0, 5, 3]}, "the mode of a triangular lies between low and high"),
        ({"beta": [0, 1]}, "a and b of a beta are more than 0"),
        ({"uniform": [61, 70]}, "no part of it lies in -10 to 60"),
        ({"normal": [1000, 10]}, "no part of it lies in -10 to 60"),
        ({"lognormal": [1e9, 0.1]}, "no part of it lies in -10 to 60"),
        ({"uniform": [-1e299, 1e299]}, "no part of it lies in -10 to 60"),
        ({}, f"a distribution is one of {', '.join(KINDS)}"),
        ({"normal": [1, 2], "beta": [1, 2]}, f"a distribution is one of {', '.join(KINDS)}"),
        (
            {"norml": [1, 2]},
            f'a distribution is one of {", ".join(KINDS)}; the nearest is "normal"',
        ),
        (
            {"fit": "metr"},
            "a fit is allowed only for capability.initial and capability.doubling_time",
        ),
    ],
)
def test_a_wrong_distribution_is_refused_with_its_reason(raw, reason):
    assert refusal(WIDE, raw) == f"found {shown(raw)}; {reason}"


def test_a_beta_without_mass_in_range_is_refused():
    assert refusal(FITTED, {"beta": [1, 100]}).endswith("no part of it lies in 0.5 to 120")
    assert FITTED.read({"beta": [100, 1]}) == Distribution("beta", (100.0, 1.0))


def test_a_distribution_without_spread_is_its_number():
    assert WIDE.read({"normal": [15, 0]}) == 15.0
    assert WIDE.read({"lognormal": [15, 0]}) == 15.0
    assert refusal(WIDE, {"normal": [99, 0]}) == "found 99; allowed is -10 to 60"


def test_a_fit_is_read_where_it_is_allowed():
    assert FITTED.read({"fit": "metr"}) == Fit("metr", 2019.0)
    assert FITTED.read({"fit": "metr", "since": 2023.5}) == Fit("metr", 2023.5)
    assert FITTED.read(Fit("metr", 2020.0)) == Fit("metr", 2020.0)
    for wrong in ({"fit": "mtr"}, {"fit": "metr", "sinc": 2020}, {"fit": ["metr"]}):
        assert refusal(FITTED, wrong).endswith(f"a fit is {FIT_FORMS}")
    for year in (2018, 2026, True, "2020", math.nan):
        assert refusal(FITTED, {"fit": "metr", "since": year}).endswith(
            "since is a year, 2019 to 2025"
        )


def test_a_list_reports_each_of_its_numbers():
    assert FOUR.read([0, 1, {"normal": [0, 1]}, -1]) == (0, 1, Distribution("normal", (0, 1)), -1)
    assert refusal(FOUR, [0, 2, "a", 0]) == (
        "paradigm 2: found 2; allowed is -1 to 1; "
        'paradigm 3: found "a"; allowed is a number, -1 to 1, or a distribution'
    )
    for wrong in (3, [1, 2], "abcd", {"normal": [0, 1]}):
        assert refusal(FOUR, wrong).endswith(f"allowed is [{', '.join(PARADIGMS)}]")


REFERENCE = {
    "normal": lambda mean, sd: stats.norm(mean, sd),
    "lognormal": lambda median, sigma: stats.lognorm(sigma, scale=median),
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "triangular": lambda low, mode, high: stats.triang(
        (mode - low) / (high - low), low, high - low
    ),
    "beta": stats.beta,
}


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("normal", (0.3, 0.7)),
        ("lognormal", (0.8, 1.5)),
        ("uniform", (-1.0, 2.0)),
        ("triangular", (-1.0, 0.2, 3.0)),
        ("triangular", (0.0, 0.0, 1.0)),
        ("triangular", (0.0, 1.0, 1.0)),
        ("beta", (0.2, 0.3)),
        ("beta", (5.0, 1.5)),
        ("beta", (3000.0, 8000.0)),
        ("beta", (1e-3, 50.0)),
    ],
)
def test_mass_agrees_with_scipy(kind, numbers):
    for x in (-2.0, -0.5, 0.0, 1e-6, 0.1, 0.27, 0.272727, 0.28, 0.5, 0.9, 0.999, 1.0, 2.5, 4.0):
        below = Distribution(kind, numbers).below(x)
        assert below == pytest.approx(REFERENCE[kind](*numbers).cdf(x), abs=1e-10)
    assert Distribution(kind, numbers).mass(-1e9, 1e9) == pytest.approx(1, abs=1e-9)


def test_extent_is_what_a_value_can_turn_out_to_be():
    assert extent(0.3, SHARE) == (0.3, 0.3)
    assert extent(Distribution("uniform", (0.2, 3.0)), SHARE) == (0.2, 1)
    assert extent(Distribution("normal", (0.2, 3.0)), SHARE) == (0, 1)


def test_quantities_and_choices_cover_every_declaration_also_of_inactive_safeguards():
    entries = [one for one in declarations() if "." in one.key and one.kind != "table"]
    values = {
        (table, key): getattr(group, key)
        for group, table in groups(Tables())
        for key in (quantities_of(type(group)) if table else ())
    }
    found = list(values)
    words = [(table, key) for table, key, _ in choices(Tables()) if table]
    expected = [(entry.table.rpartition(".")[2], entry.name) for entry in entries]
    assert sorted(found + words) == sorted(expected)
    assert len(expected) == len(set(expected))
    defaults = {(entry.table.rpartition(".")[2], entry.name): entry.default for entry in entries}
    for place, value in values.items():
        assert value == (defaults[place] or value)
        assert value is None or isinstance(value, float | int | Distribution | Fit | tuple)


def test_a_safeguard_is_active_when_its_table_is_present():
    assert active(Tables()) == dict.fromkeys(SWITCHED, False)
    for name in SWITCHED:
        for present in ({}, True):
            tables = Tables.model_validate({"oversight": {name: present}})
            assert active(tables) == dict.fromkeys(SWITCHED, False) | {name: True}
        absent = Tables.model_validate({"oversight": {name: False}})
        assert absent == Tables()


def test_tables_are_frozen_and_travel_between_processes():
    tables = Tables.model_validate({"oversight": {"control": {"auroc": 0.9}}})
    with pytest.raises(ValueError, match="frozen"):
        tables.oversight.control.auroc = 0.5
    assert pickle.loads(pickle.dumps(tables)) == tables


def test_a_refusal_keeps_its_lines():
    refusal = Refusal(["one", "two"])
    assert str(refusal) == "one\ntwo"
    assert pickle.loads(pickle.dumps(refusal)).lines == ("one", "two")
    assert Refusal("one").lines == ("one",)


def test_values_are_shown_as_in_a_file():
    assert shown({"normal": [15.0, 2.5]}) == "{normal = [15, 2.5]}"
    assert shown([True, "a\x1bb"]) == '[true, "a\\u001bb"]'
    assert shown("x" * 200).endswith("…")
    assert len(shown("x" * 200)) == 70
    assert shown(10**5000) == "a whole number of 16610 bits"
    assert dotted(("a", "b c", "d")) == 'a."b c".d'
    assert nearest("sead", ["seed", "worlds"]) == "seed"
    assert nearest("q", ["seed"], alike=0.6) is None
