"""Calendar months."""

from datetime import date

import pytest

from regimesim.scenario.dates import first_day, months_later


@pytest.mark.parametrize(
    ("start", "months", "later"),
    [
        ("2026-01", 0, "2026-01"),
        ("2026-01", 11, "2026-12"),
        ("2026-01", 12, "2027-01"),
        ("2026-11", 2, "2027-01"),
        ("2025-12-31", 180, "2040-12"),
    ],
)
def test_months_are_counted_over_the_turn_of_the_year(start, months, later):
    assert months_later(start, months) == later


def test_first_days():
    assert first_day("2026-02") == date(2026, 2, 1)
    assert first_day("2026-02-03") == first_day(date(2026, 2, 3)) == date(2026, 2, 3)
    with pytest.raises(ValueError):
        first_day("soon")
