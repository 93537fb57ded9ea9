"""Scenarios: what a file may say, and what it says."""

from regimesim.scenario.scenario import Scenario, ScenarioError, load, parse, prepare

__all__ = ["Scenario", "ScenarioError", "load", "parse", "prepare"]
