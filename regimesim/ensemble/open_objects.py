"""HDF5 files that open each of their objects once.

h5netcdf opens a variable or a dimension again each time that it needs its size or its name.  That
is some thousand times in a file of fifty variables, and most of what it takes to read or write a
small file.
"""

from typing import Any

import h5py


class File(h5py.File):
    """An HDF5 file that keeps its objects open until it is closed, or until they are deleted."""

    def __init__(self, *arguments: Any, **options: Any):
        self._root: Root | None = None
        super().__init__(*arguments, **options)

    def __getitem__(self, name: Any) -> Any:
        """The object of a path or a reference."""
        if self._root is None:
            self._root = Root(super().__getitem__("/").id)
        return self._root if name == "/" else self._root[name]


class Root(h5py.Group):
    """The group of all other objects of such a file."""

    def __init__(self, identifier: Any):
        self._kept: dict[str, Any] = {}  # by absolute path
        self._same: dict[Any, Any] = {}  # by any object that is the same one in the file
        super().__init__(identifier)

    def __getitem__(self, name: Any) -> Any:
        """The object of a path or a reference."""
        if not isinstance(name, str):
            # the library would search the file for the name of what a reference has opened
            opened = super().__getitem__(name)
            return self._same.get(opened, opened)
        path = _absolute(name)
        if path not in self._kept:
            opened = super().__getitem__(path)
            self._kept[path] = self._same[opened] = opened
        return self._kept[path]

    def __delitem__(self, name: str) -> None:
        """Delete an object, which is closed at once, so that its place in the file is free."""
        self._same.pop(self._kept.pop(_absolute(name), None), None)
        super().__delitem__(name)


def _absolute(name: str) -> str:
    """The absolute path of an object of the root group."""
    return name if name.startswith("/") else f"/{name}"
