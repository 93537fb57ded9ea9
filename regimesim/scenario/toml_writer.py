"""A scenario as the text of a TOML file."""

import json
from collections.abc import Mapping

from regimesim.errors import shown_key

DISTRIBUTION_KEYS = {"normal", "lognormal", "uniform", "triangular", "beta", "fit"}


def written(mapping: Mapping, comment: str = "") -> str:
    """The TOML text of a mapping of tables, numbers, words and lists, which reads back as it is;
    `comment` stands at its head."""
    head = [f"# {line}".rstrip() for line in comment.splitlines()]
    return "\n".join([*head, *([""] if head else []), *_table(mapping, ())]).strip() + "\n"


def value_text(value) -> str:
    """A single value as it stands in a file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{shown_key(k)} = {value_text(v)}" for k, v in value.items()) + " }"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _table(mapping, path):
    """The lines of a table: its own values, then the tables in it."""
    inner = {key: item for key, item in mapping.items() if _is_table(item)}
    listed = {key: item for key, item in mapping.items() if _is_list_of_tables(item)}
    own = [
        f"{shown_key(key)} = {value_text(item)}"
        for key, item in mapping.items()
        if key not in inner and key not in listed
    ]
    if path and (own or not (inner or listed)):
        yield ""
        yield f"[{'.'.join(map(shown_key, path))}]"
    yield from own
    for key, items in listed.items():
        for item in items:
            yield ""
            yield f"[[{'.'.join(map(shown_key, (*path, key)))}]]"
            yield from (f"{shown_key(name)} = {value_text(value)}" for name, value in item.items())
    for key, item in inner.items():
        yield from _table(item, (*path, key))


def _is_table(item) -> bool:
    return isinstance(item, Mapping) and not (item.keys() & DISTRIBUTION_KEYS)


def _is_list_of_tables(item) -> bool:
    return isinstance(item, list | tuple) and bool(item) and all(map(_is_table, item))
