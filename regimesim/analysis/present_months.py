"""The months of a dataset, in their order and complete: the only way in which figures read them.

A dataset whose months were filtered, masked or put together from runs of several lengths has
months without data, or begins late.  A figure of it would show them at wrong dates, so it is
refused; policies may be selected at will.
"""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from regimesim.analysis.labels import attribute, labels_of, located, titles_of
from regimesim.errors import Refusal, shown
from regimesim.model.world.records import REGIMES

if TYPE_CHECKING:
    import xarray


class PresentMonths:
    """The months of a dataset; see `present_months`.

    Attributes
    ----------
    policies : tuple of str
        The names of the policies.
    attrs : dict
        The attributes of the run.
    """

    def __init__(self, dataset: "xarray.Dataset"):
        self._dataset, self.attrs = dataset, dataset.attrs
        self.policies = labels_of(dataset, "policy", "months")
        labels_of(dataset, "month", "months")
        numbers = np.atleast_1d(dataset["month"].values)
        self._order = np.argsort(numbers)
        if not len(numbers) or (numbers[self._order] != np.arange(len(numbers))).any():
            ends = f"{numbers.min()} to {numbers.max()}" if len(numbers) else "none"
            raise Refusal(
                f"months: found {len(numbers)} months, {ends}; a figure needs all months from 0 on"
            )
        for policy in self.policies:
            if (lacking := ~(self.of("worlds_not_lost", policy) >= 0)).any():
                raise Refusal(
                    f"months: policy {shown(policy)} has no data in month {lacking.argmax()}; "
                    "select months that all policies have, or other policies"
                )

    @property
    def length(self) -> int:
        """The number of months."""
        return len(self._order)

    @cached_property
    def start(self) -> str:
        """The first month, as YYYY-MM."""
        return attribute(self._dataset, "start", "months")

    @cached_property
    def titles(self) -> dict[str, str]:
        """How tables and figures write each policy."""
        return titles_of(self._dataset, "months")

    def of(self, name: str, policy: str) -> np.ndarray:
        """A variable in each month (float64)."""
        return self._row(name, policy)

    def quantile(self, policy: str, quantile: float) -> np.ndarray:
        """A quantile over worlds of the frontier of the leading lab, in each month."""
        return self._row("leader_quantile", policy, quantile=str(quantile))

    def regime_shares(self, policy: str) -> np.ndarray:
        """The share of worlds in each of REGIMES in each month, shape (regimes, months)."""
        return np.array([self._row("regime_share", policy, regime=name) for name in REGIMES])

    def _row(self, name, policy, **at):
        at = {"policy": policy, **at}
        row = np.atleast_1d(located(self._dataset, name, at, ("month",), "months"))
        return row[self._order].astype(np.float64, copy=False)


def present_months(months: "xarray.Dataset | PresentMonths") -> PresentMonths:
    """The months of a dataset, checked.

    Parameters
    ----------
    months : xarray.Dataset
        The months of a run, or a selection of its policies.

    Returns
    -------
    PresentMonths
        The same object where it is one already.

    Raises
    ------
    Refusal
        Where a month is missing, or lacks data under a policy; and where the dataset lacks a
        variable, a coordinate or an attribute.
    """
    return months if isinstance(months, PresentMonths) else PresentMonths(months)
