"""The journal of a sweep: whole records or none, whatever happens to the file."""

import os
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from regimesim.errors import Refusal
from regimesim.sweeps.journal import HEAD, MARK, Journal, pack, unpack
from regimesim.sweeps.work_units import UnitResult, WorkUnit


def chunk(number):
    """A chunk of two pieces, of which one failed; odd numbers hold the mark of a record."""
    tallies = {"none": bytes([number]) * 50, "wäche": MARK * (number % 2), "empty": b"\n{"}
    return [
        UnitResult(WorkUnit(number, 0, 16), tallies, None),
        UnitResult(
            WorkUnit(number + 1, 16, 32), None, "capability.initial: found −3\nallowed is ≥ 0"
        ),
    ]


def write(path, numbers):
    with Journal(path, write=True) as journal:
        for number in numbers:
            journal.add(number, chunk(number))
    return path


def held(path, write=False):
    """The numbers of the chunks in a journal, each of which is read and compared."""
    with Journal(path, write) as journal:
        numbers = {number for number in range(300) if number in journal}
        assert len(journal) == len(numbers)
        assert all(journal.read(number) == chunk(number) for number in numbers)
    return numbers


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal"


def test_pieces_come_back_as_they_were():
    assert unpack(pack(chunk(5))) == chunk(5)
    assert unpack(pack([])) == []


def test_chunks_are_found_by_number_while_they_are_written_and_later(path):
    with Journal(path, write=True) as journal:
        for number in (7, 3, 200):
            assert number not in journal
            journal.add(number, chunk(number))
            assert number in journal and journal.read(number) == chunk(number)
        assert journal.read(7) == chunk(7)
        journal.add(8, chunk(8))
        assert held(path) == {3, 7, 8, 200}
    assert held(path) == {3, 7, 8, 200}
    write(path, [9])
    assert held(path) == {3, 7, 8, 9, 200}
    with Journal(path) as journal, pytest.raises(KeyError):
        journal.read(4)


def test_a_torn_tail_is_cut_off_wherever_it_was_torn(path):
    write(path, [1, 2])
    two = path.read_bytes()
    write(path, [3])
    three = path.read_bytes()
    for length in range(len(two), len(three)):
        path.write_bytes(three[:length])
        assert held(path) == {1, 2}
        assert len(path.read_bytes()) == length  # a reader changes nothing
        write(path, [4])
        assert path.read_bytes()[: len(two)] == two
        assert held(path) == {1, 2, 4}


def test_only_the_chunks_in_a_damaged_stretch_are_lost(path):
    write(path, range(20))
    whole = path.read_bytes()
    with Journal(path) as journal:
        places = [*(journal._places[number] for number in range(20)), len(whole)]
    luck = random.Random(5)
    for _ in range(150):
        first, length = luck.randrange(len(whole)), luck.choice([1, 8, 60, 400])
        last = min(first + length, len(whole))
        damaged = bytes(luck.choice([b ^ 255, b ^ 1, MARK[0]]) for b in whole[first:last])
        path.write_bytes(whole[:first] + damaged + whole[last:])
        touched = {
            number
            for number in range(20)
            if places[number] < last
            and first < places[number + 1]
            and whole[places[number] : places[number + 1]]
            != path.read_bytes()[places[number] : places[number + 1]]
        }
        assert held(path) == set(range(20)) - touched
    write(path, touched)
    assert held(path) == set(range(20))


@pytest.mark.parametrize("removed", [1, HEAD.size, 30])
def test_a_missing_or_inserted_stretch_costs_only_its_chunks(path, removed):
    write(path, range(10))
    whole = path.read_bytes()
    with Journal(path) as journal:
        place = journal._places[4] + 5
    path.write_bytes(whole[:place] + whole[place + removed :])
    assert held(path) == set(range(10)) - {4}
    path.write_bytes(whole[:place] + b"\0" * removed + whole[place:])
    assert held(path) == set(range(10)) - {4}
    path.write_bytes(b"\n" + whole)
    assert held(path, write=True) == set(range(10))


@pytest.mark.parametrize("content", [b"", b"not a journal", MARK, MARK + b"\xff" * 16, MARK * 40])
def test_a_file_without_records_is_empty_and_can_be_begun(path, content):
    path.write_bytes(content)
    assert held(path) == set()
    write(path, [1])
    assert held(path) == {1}


def test_there_is_one_writer_and_any_number_of_readers(path):
    with Journal(path, write=True) as journal:
        journal.add(1, chunk(1))
        with pytest.raises(Refusal, match="another sweep is writing to it"):
            Journal(path, write=True).__enter__()
        assert held(path) == {1}
    assert held(path, write=True) == {1}


def test_the_lock_of_a_killed_process_does_not_block(path):
    program = (
        "import os, signal, sys; from regimesim.sweeps.journal import Journal\n"
        "journal = Journal(sys.argv[1], write=True).__enter__(); journal.add(3, [])\n"
        "print('ready', flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True)
    assert done.stdout == b"ready\n" and done.returncode != 0
    with Journal(path, write=True) as journal:
        assert 3 in journal and journal.read(3) == []


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(Refusal, match="there is no such file"):
        Journal(tmp_path / "journal").__enter__()
    with pytest.raises(Refusal, match="cannot be written: No such file or directory"):
        Journal(tmp_path / "none" / "journal", write=True).__enter__()
    with pytest.raises(Refusal, match="cannot be opened: Is a directory"):
        Journal(tmp_path, write=True).__enter__()


def test_a_full_disk_is_shown_and_leaves_what_was_there(path):
    full = "/dev/full"
    if not os.path.exists(full):
        pytest.skip("there is no /dev/full here")
    write(path, [1])
    with Journal(path, write=True) as journal:
        kept, journal._file = journal._file, open(full, "r+b", buffering=0)
        with pytest.raises(Refusal, match="cannot be written: No space left on device"):
            journal.add(2, chunk(2))
        journal._file.close()
        journal._file = kept
        assert 2 not in journal
    assert held(path) == {1}


def test_memory_does_not_grow_with_what_is_in_it(path):
    blob = os.urandom(100_000)  # which cannot be made smaller
    with Journal(path, write=True) as journal:
        for number in range(200):
            journal.add(number, [UnitResult(WorkUnit(number, 0, 1), {"none": blob}, None)])
    assert path.stat().st_size > 20_000_000
    tracemalloc.start()
    with Journal(path) as journal:
        for number in range(200):
            assert journal.read(number)[0].tallies["none"] == blob
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6_000_000  # one block of 4 MiB and a chunk


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_journal_without_room_is_closed_all_the_same(tmp_path):
    with open("/dev/full", "r+b", buffering=0) as full:
        with pytest.raises(OSError, match="No space"), Journal(tmp_path / "j", True) as journal:
            raw = journal._file.raw
            os.dup2(full.fileno(), raw.fileno())
            journal._file.write(b"x")
        assert raw.closed
