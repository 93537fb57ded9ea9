"""Work in threads: every result is entered once, and what goes wrong ends it at once."""

import signal
import threading
import time

import pytest

from regimesim.ensemble.threads import AHEAD, in_threads
from regimesim.errors import Refusal


@pytest.mark.parametrize("threads", [1, 3, None])
def test_every_item_is_worked_on_and_entered_once_in_the_calling_thread(threads):
    entered, here = [], set()

    def enter(item, result):
        entered.append((item, result))
        here.add(threading.current_thread())

    in_threads(lambda item: item**2, iter(range(50)), enter, threads)
    assert sorted(entered) == [(item, item**2) for item in range(50)]
    assert here == {threading.current_thread()}


def test_items_are_taken_a_few_at_a_time():
    taken, gaps = [], []

    def items():
        for item in range(40):
            taken.append(item)
            yield item

    in_threads(lambda item: item, items(), lambda item, _: gaps.append(len(taken)), 2)
    assert gaps[0] <= 2 * AHEAD * 2 and len(gaps) == 40


def test_an_error_stops_the_others_and_is_raised():
    stopped = threading.Event()

    def work(item):
        if item == 0:
            raise ValueError("no")
        assert stopped.wait(20)

    with pytest.raises(ValueError, match="no"):
        in_threads(work, range(8), lambda *_: None, 2, stopped.set)
    assert stopped.is_set()


def test_ctrl_c_is_answered_while_threads_work():
    stopped = threading.Event()
    began = time.monotonic()

    def work(item):
        if item == 0:
            signal.raise_signal(signal.SIGINT)
        assert stopped.wait(20)

    with pytest.raises(KeyboardInterrupt):
        in_threads(work, range(4), lambda *_: None, 2, stopped.set)
    assert stopped.is_set() and time.monotonic() - began < 10


def test_fewer_than_one_thread_is_refused():
    with pytest.raises(Refusal, match="threads: found 0; allowed is 1 or more"):
        in_threads(str, [1], lambda *_: None, 0)
