"""The notice of a compilation appears when one begins, and not where code is loaded."""

import time

import pytest

from regimesim.model.compilation import INTERPRETED
from regimesim.results import progress


def test_a_slow_start_without_compilation_prints_nothing(monkeypatch, capsys):
    monkeypatch.setattr(progress, "warm_up", lambda _: time.sleep(1.7))
    progress.compile_model()
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_two_compilations_print_one_notice_when_the_first_begins(monkeypatch, capsys):
    from numba import njit

    first, second = njit(lambda x: x + 1), njit(lambda x: x + 2)
    monkeypatch.setattr(progress, "warm_up", lambda _: first(1) + second(1))
    progress.compile_model()
    assert capsys.readouterr().err.count("Compiling the model") == 1
    progress.compile_model()
    assert capsys.readouterr().err == ""
