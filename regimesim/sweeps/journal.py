"""The journal of a sweep: an append-only file of finished chunks.

A record is a head (mark, length, checksum, number of the chunk) and a payload; one more
record holds the plan.  A record is either whole or ignored.  Opening the file for writing
removes an incomplete record at its end.  Reading skips damaged parts, so only the chunks in
them are run again.  Memory holds the places of the records only.
"""

import json
import mmap
import os
import struct
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from regimesim.errors import Refusal
from regimesim.sweeps.work_units import UnitResult, WorkUnit

MARK = b"\xf1rs\x9e\x0dch\xab"  # does not occur in text, and rarely in compressed bytes
HEAD = struct.Struct("<8sIIQ")  # mark, bytes of the payload, checksum, number of the chunk
NUMBER = struct.Struct("<Q")
SYNC = 1.0  # seconds between two writes to the disk itself
PLAN = 2**64 - 1  # the number of the record that holds the plan; the last of them counts
FAR = 2**62  # a byte that no journal reaches: the one that is locked on Windows


class Journal:
    """Finished chunks in the file at `path`, by number; used as a context.

    write: one writer at a time may add chunks; a second one is refused.  A writer can read its
    own records · lasting: whether the records must survive a crash of the machine.
    Raises Refusal if the file cannot be used.
    """

    def __init__(self, path: Path, write: bool = False, lasting: bool = True):
        self.path, self.writing, self.lasting = Path(path), write, lasting

    def __enter__(self):
        try:
            self._file = open(self.path, "r+b" if self.writing else "rb")
        except FileNotFoundError:
            if not self.writing:
                raise Refusal(f"{self.path}: there is no such file") from None
            self._file = _create(self.path)
        except OSError as error:
            raise Refusal(f"{self.path}: cannot be opened: {error.strerror}") from None
        try:
            if self.writing:
                _lock(self._file, self.path)
            self._index()
        except BaseException:
            self._file.close()
            raise
        self._synced = time.monotonic()
        return self

    def _index(self):
        """Find the records; a writer removes what follows the last one."""
        numbers, places, end = [], [], 0
        for number, place, after in _records(self._file):
            numbers.append(number)
            places.append(place)
            end = after
        self._places = dict(zip(numbers, places, strict=True))
        self._plan = self._places.pop(PLAN, None)
        self._end = end
        if self.writing:
            self._file.truncate(end)

    def __exit__(self, *_):
        try:
            if self.writing:
                self.sync()
        finally:  # also where the disk is full
            self._file.close()

    def __len__(self):
        return len(self._places)

    def numbers(self) -> list[int]:
        """The numbers of the finished chunks, in ascending order."""
        return sorted(self._places)

    def __contains__(self, number: int) -> bool:
        return number in self._places

    def add(self, number: int, done: Iterable[UnitResult]) -> None:
        """Append a finished chunk: in the file at once, on the disk within a second."""
        self.add_packed(number, pack(done))

    def add_packed(self, number: int, payload: bytes) -> None:
        """Append the packed content of a finished chunk."""
        self._places[number] = self._append(number, payload)

    def keep_plan(self, text: str) -> None:
        """Keep a copy of the plan, from which it can be restored; on the disk at once."""
        if self.kept_plan() != text:
            self._plan = self._append(PLAN, zlib.compress(text.encode()))
            self.sync()

    def kept_plan(self) -> str | None:
        """The latest copy of the plan; None where there is none."""
        return None if self._plan is None else zlib.decompress(self._at(self._plan)).decode()

    def _append(self, number, payload):
        """Write a record at the end.  Returns its place."""
        place = self._end
        try:
            self._file.seek(place)
            self._file.write(_framed(number, payload))
            self._file.flush()
            if time.monotonic() - self._synced > SYNC:
                self.sync()
        except OSError as error:
            raise Refusal(f"{self.path}: cannot be written: {error.strerror}") from None
        self._end += HEAD.size + len(payload)
        return place

    def sync(self) -> None:
        """Wait until everything is on the disk."""
        self._file.flush()
        if self.lasting:
            os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def packed(self, number: int) -> bytes:
        """The packed content of a chunk.  Raises KeyError if it is not in the journal."""
        return self._at(self._places[number])

    def _at(self, place):
        self._file.seek(place)
        _, length, _, _ = HEAD.unpack(self._file.read(HEAD.size))
        return self._file.read(length)

    def read(self, number: int) -> list[UnitResult]:
        """The results of a chunk.  Raises KeyError if it is not in the journal."""
        return unpack(self.packed(number))


def pack(done: Iterable[UnitResult]) -> bytes:
    """Results of work units as bytes: a line of JSON as index, and the packed tallies."""
    index, tallies = [], []
    for unit, by_policy, error in done:
        sizes = None
        if by_policy is not None:
            sizes = {name: len(packed) for name, packed in by_policy.items()}
            tallies += by_policy.values()
        index.append([*map(int, unit), sizes, error])
    head = json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(b"\n".join([head, b"".join(tallies)]), 1)


def unpack(payload: bytes) -> list[UnitResult]:
    """The results that were packed."""
    head, _, rest = zlib.decompress(payload).partition(b"\n")
    done, at = [], 0
    for point, first, last, sizes, error in json.loads(head):
        tallies = None
        if sizes is not None:
            tallies = {}
            for name, size in sizes.items():
                tallies[name] = rest[at : at + size]
                at += size
        done.append(UnitResult(WorkUnit(point, first, last), tallies, error))
    return done


def _framed(number, payload):
    checksum = zlib.crc32(payload, zlib.crc32(NUMBER.pack(number)))
    return HEAD.pack(MARK, len(payload), checksum, number) + payload


def _records(file) -> Iterator[tuple[int, int, int]]:
    """(number, place, end) of every whole record of a file, in order."""
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        return
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as content:
        place = content.find(MARK)
        while place >= 0:
            after = place + HEAD.size
            if after > size:
                return
            _, length, checksum, number = HEAD.unpack(content[place:after])
            end = after + length
            if end <= size and _checksum(content, after, end, number) == checksum:
                yield number, place, end
                place = content.find(MARK, end)
            else:  # damaged: the next whole record may begin anywhere after this mark
                place = content.find(MARK, place + 1)


def _checksum(content, begin, end, number, block=2**22):
    checksum = zlib.crc32(NUMBER.pack(number))
    for at in range(begin, end, block):
        checksum = zlib.crc32(content[at : min(at + block, end)], checksum)
    return checksum


def _create(path):
    try:
        return open(path, "x+b")
    except OSError as error:
        raise Refusal(f"{path}: cannot be written: {error.strerror}") from None


def _lock(file, path):
    """Keep other writers out until the file is closed or this process ends."""
    try:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            file.seek(FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Refusal(f"{path.parent}: another sweep is writing to it") from None
