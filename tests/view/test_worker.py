"""The thread of a page: jobs in their order, and of each kind the last that waits."""

import threading

import pytest

from regimesim.view.worker import Worker

PATIENT = 60  # seconds


@pytest.fixture
def worker():
    """A worker whose thread has not started, and the errors of its jobs."""
    errors = []
    worker = Worker(errors.append)
    worker.errors = errors
    yield worker
    worker.end()


def finished(worker):
    """Run what waits, to its end."""
    done = threading.Event()
    worker.post(done.set)
    worker.start()
    assert done.wait(PATIENT)


def test_of_each_kind_the_last_job_alone_is_run(worker):
    seen = []
    for k in range(50):
        worker.post(lambda k=k: seen.append(("edits", k)), "edits")
        worker.post(lambda k=k: seen.append(("select", k)), "select")
    worker.post(lambda: seen.append("step"))
    worker.post(lambda: seen.append("step"))
    finished(worker)
    assert seen == [("edits", 49), ("select", 49), "step", "step"]


def test_jobs_run_one_after_another_in_one_thread(worker):
    threads, inside = [], threading.Lock()

    def job():
        assert inside.acquire(blocking=False)
        threads.append(threading.get_ident())
        inside.release()

    for _ in range(20):
        worker.post(job)
    finished(worker)
    assert len(threads) == 20 and len(set(threads)) == 1 and worker.errors == []
    assert threads[0] != threading.get_ident()


def test_a_dropped_job_is_not_run(worker):
    seen = []
    worker.post(lambda: seen.append("tick"), "tick")
    worker.post(lambda: seen.append("odds"), "odds")
    worker.drop("tick")
    worker.drop("absent")
    finished(worker)
    assert seen == ["odds"]


def test_a_job_that_fails_does_not_stop_the_next(worker):
    error, seen = ValueError("no"), []

    def fail():
        raise error

    worker.post(fail)
    worker.post(lambda: seen.append(1))
    finished(worker)
    assert worker.errors == [error] and seen == [1]


def test_a_job_that_is_due_later_lets_others_pass(worker):
    seen, late = [], threading.Event()
    worker.post(lambda: (seen.append("late"), late.set()), "tick", after=0.2)
    worker.post(lambda: seen.append("now"))
    worker.start()
    assert late.wait(PATIENT)
    assert seen == ["now", "late"]


def test_nothing_is_run_after_the_end(worker):
    seen, began, go, over = [], threading.Event(), threading.Event(), threading.Event()

    def long():
        began.set()
        go.wait(PATIENT)
        threading.Thread(target=watch, args=(threading.current_thread(),)).start()

    def watch(thread):
        thread.join(PATIENT)
        over.set()

    worker.post(long)
    worker.start()
    assert began.wait(PATIENT)
    worker.post(lambda: seen.append(1))
    worker.end()
    go.set()
    assert over.wait(PATIENT)
    assert seen == []
