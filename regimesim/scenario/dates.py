"""Calendar months: a scenario starts in one, and its month t is t months later."""

from datetime import date


def first_day(month: str | date) -> date:
    """The first day of "YYYY-MM"; a full "YYYY-MM-DD" or a `date` stands for itself.

    Raises ValueError for any other text.
    """
    if isinstance(month, date):
        return month
    return date.fromisoformat(f"{month}-01" if len(month) == 7 else month)


def months_between(start: str | date, later: str | date) -> int:
    """The number of months from one calendar month to another."""
    first, last = first_day(start), first_day(later)
    return 12 * (last.year - first.year) + last.month - first.month


def months_later(start: str | date, months: int) -> str:
    """The calendar month `months` after `start`, as "YYYY-MM"."""
    day = first_day(start)
    years, month = divmod(day.month - 1 + int(months), 12)
    return f"{day.year + years:04d}-{month + 1:02d}"
