"""The page about a run."""

from regimesim.results.report.page import write_report

__all__ = ["write_report"]
