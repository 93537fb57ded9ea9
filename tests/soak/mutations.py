"""Scenario files gone wrong: what a slip of the pen, a bad editor or an enemy makes of them.

Every case follows from a seed and its number, so one that fails can be made again.
"""

import random
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from regimesim.scenario.declaration import Choice, Quantity
from regimesim.scenario.parameters import declarations

ODD = (  # values as they are written in TOML
    "nan", "inf", "-inf", "0", "-0.0", "-1", "1", "0.5", "1e308", "-1e308", "1.8e308", "5e-324",
    "1e-300", "1e300", "999_999_999_999", "9223372036854775807", "-9223372036854775809",
    "18446744073709551616", "1" + "0" * 400, "1" + "0" * 5000, "0x7fffffffffffffff",
    "1_000_000_000", "true", "false", '""', '"x"', '" "', '"nan"', '"1"',
    '"' + "long " * 20_000 + '"',
    r'"\u0000"', r'"\u202Eevil\u0007\u001B[31m"', '"Ω̈🙂 ﷽"', r'"..\/..\/etc"', '"../../x"',
    '"/etc/passwd"', '"__import__(\'os\').system(\'false\')"', '"{0.__class__}"', '"%n%s%x"',
    "2026-01-01", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5-07:00",
    "[]", "{}", "[1]", "[nan, inf]", "[true, 1, \"a\"]", "[" * 60 + "]" * 60, "[1, [2, [3]]]",
    "{a = {b = {c = {d = 1}}}}", '{"" = 1}', '{"a.b" = 1}', '{"__class__" = 1, "copy" = 2}',
    "{normal = [nan, 1]}", "{normal = [1e308, 1e308]}", "{normal = [0, -1]}", "{normal = [0, 0]}",
    "{normal = [1]}", "{normal = [1, 2, 3]}", "{normal = []}", '{normal = ["a", "b"]}',
    "{normal = [0, 1e-300]}", "{normal = [0.5, 1e250]}", "{normal = {mean = 0, sd = 1}}",
    "{lognormal = [0, 1]}", "{lognormal = [1e-300, 300]}", "{lognormal = [1, 1e200]}",
    "{lognormal = [0.5, 1e-9]}", "{uniform = [1, 0]}", "{uniform = [0, 0]}", "{uniform = [0, 1]}",
    "{uniform = [-1e299, 1e299]}", "{uniform = [0, 5e-324]}", "{triangular = [0, 0, 1]}",
    "{triangular = [0, 2, 1]}", "{triangular = [0, 1, 1]}", "{beta = [1e-9, 1e-9]}",
    "{beta = [1e9, 1e9]}", "{beta = [0, 0]}", "{beta = [0.5, 1e-300]}", '{fit = "metr"}',
    '{fit = "metr", since = 2024.99}', '{fit = "metr", since = nan}', "{fit = []}", "{fit = {}}",
    "{poisson = [1]}", "{normal = [0, 1], uniform = [0, 1]}", "{low = 0, high = 1, points = 3}",
    "{low = 0, high = 1, points = 1_000_000_000}", "{low = nan, high = inf}",
    "{low = 0, high = 1}", "[0.1, 0.2]", '["control"]', "[3, 1]", "[0, 1e18]",
    "[[0, 1], [2]]", "[nan, nan]", '{column = "x", of = "y"}', '{file = "x.csv"}',
    '[{of = ["takeover.difficulty", "goals.value"], rank = 0.5}]', '{file = "x", table = "y"}',
)  # fmt: skip
KEYS = (
    "", "worlds", "systems", "months", "labs", "seed", "name", "start", "policies", "sweep",
    "claim", "vary", "points", "design", "table", "oversight", "control", "takeover",
    "capability", "Ω", "a b", "a.b", "..", "../x", "con", "\x00", "x" * 5000,
    "model_fields", "__init__", "shown", "correlations", "of", "rank", "draws", "file", "column",
    "vanishes", "figure", "during", "outcome", "value", "self", "copy", "preset", "policy",
)  # fmt: skip
SIZES = {
    "worlds": ("1", "2", "5_000_000", "1_000_000_000", "0", "1.0", "2.5"),
    "systems": ("1", "2", "19", "100_000", "1_000_000"),
    "months": ("1", "2", "1200", "1201"),
    "labs": ("1", "2", "20", "21"),
    "seed": ("0", "9223372036854775807", "9223372036854775808", "-1"),
    "start": ('"1900-01"', '"2199-12"', '"2026-13"', '"2026-1"', "2026-01-01"),
    "name": ('"a/b"', '".."', '"con"', '"x"', '"' + "n" * 80 + '"', '"' + "n" * 81 + '"'),
}
QUANTITIES = [one for one in declarations() if "." in one.key]
HOSTILE_BYTES = (
    b"\x00", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf",
    b"\r", b"\r\n", b"\x0b", b"\x0c", b"\x1b[31m", b"\x7f", b"\xe2\x80\xa8", b"\xe2\x80\xae",
    b"=", b"[", b"]", b"[[", b"{", b"}", b'"', b'"""', b"'", b"'''", b"#", b".", b"\\", b",",
    b"1e999", b"nan", b"= =", b"[a]\n[a]\n", b"a = 1\n", b"[policies]\n", b"[" * 2000,
)  # fmt: skip


class Raw(str):
    """A value that stands as it is written in TOML."""


def cases(root: Path, seed: int, number: int) -> Iterator[tuple[int, Path, bytes]]:
    """(number of the case, file that it was made of, its content); every second one is made
    of a claim, which are most of the files."""
    files = sorted(root.rglob("*.toml"))
    claims = [file for file in files if file.parent.name == "claims"]
    others = [file for file in files if file not in claims]
    for k in range(number):
        group = (others, claims)[k % 2]
        file = group[k // 2 % len(group)]
        yield k, file, mutated(file, seed, k)


def mutated(file: Path, seed: int, number: int) -> bytes:
    """The content of a file with one to four things wrong, or at the edge of what is allowed."""
    dice = random.Random(f"{seed}/{number}")
    content = file.read_bytes()
    if dice.random() < 0.72:
        tables = tomllib.loads(content.decode())
        for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
            tables = dice.choice(STRUCTURAL)(tables, dice)
        content = written(tables).encode("utf-8", "surrogatepass")
    if dice.random() < 0.35:
        for _ in range(dice.choice((1, 1, 2, 3))):
            content = dice.choice(BYTEWISE)(content, dice)
    return content


def written(tables: dict) -> str:
    """Tables as TOML, a line a top-level key."""
    return "".join(f"{_key(key)} = {_value(item)}\n" for key, item in tables.items())


def _key(key):
    plain = key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
    return key if plain else _text(key)


def _text(text):
    inside = "".join(f"\\u{ord(c):04X}" if ord(c) < 32 or c in '"\\\x7f' else c for c in text)
    return f'"{inside}"'


def _value(item):
    if isinstance(item, Raw):
        return str(item)
    if isinstance(item, dict):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in item.items()) + "}"
    if isinstance(item, list):
        return "[" + ", ".join(map(_value, item)) + "]"
    if isinstance(item, str):
        return _text(item)
    return str(item).lower() if isinstance(item, bool) else repr(item)


def _places(tables, path=()) -> Iterator[tuple]:
    """The path of every entry, of lists as well."""
    entries = tables.items() if isinstance(tables, dict) else enumerate(tables)
    for key, item in entries:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from _places(item, (*path, key))


def _at(tables, path):
    for key in path:
        tables = tables[key]
    return tables


def _changed(tables, dice, change):
    """`change(container, key)` at a random place of a copy."""
    tables = deepcopy(tables)
    if places := list(_places(tables)):
        path = dice.choice(places)
        change(_at(tables, path[:-1]), path[-1])
    return tables


def _odd_value(tables, dice):
    return _changed(tables, dice, lambda at, key: at.__setitem__(key, Raw(dice.choice(ODD))))


def _deleted(tables, dice):
    return _changed(tables, dice, lambda at, key: at.pop(key))


def _wrapped(tables, dice):
    wrap = dice.choice((lambda x: [x], lambda x: [x, x], lambda x: {"a": x}, lambda x: [[[x]]]))
    return _changed(tables, dice, lambda at, key: at.__setitem__(key, wrap(at[key])))


def _renamed(tables, dice):
    def rename(at, key):
        if isinstance(at, dict):
            slip = key[:-1] + dice.choice("aex_") if key else "a"
            at[dice.choice((slip, key.upper(), dice.choice(KEYS)))] = at.pop(key)

    return _changed(tables, dice, rename)


def _added(tables, dice):
    def add(at, key):
        place = at[key] if isinstance(at[key], dict) else at
        if isinstance(place, dict):
            place[dice.choice(KEYS)] = Raw(dice.choice(ODD))

    return _changed(tables, dice, add)


def _moved(tables, dice):
    """Something from one place put at another."""
    places = list(_places(tables))
    taken = deepcopy(_at(tables, dice.choice(places))) if places else {}
    return _changed(tables, dice, lambda at, key: at.__setitem__(key, taken))


def _size(tables, dice):
    key = dice.choice(list(SIZES))
    return {**tables, key: Raw(dice.choice(SIZES[key]))}


def _deep(tables, dice):
    depth = dice.choice((30, 90, 600))
    deep = Raw("{a = " * depth + "1" + "}" * depth)
    return _changed(tables, dice, lambda at, key: at.__setitem__(key, deep))


def _many(tables, dice):
    """Hundreds of policies, or of unknown keys."""
    many = {f"p{k}": {} for k in range(dice.choice((41, 300)))}
    return {**tables, "policies": many} if dice.random() < 0.3 else {**tables, **many}


def _edge(tables, dice):
    """A parameter at the edge of its range, anywhere in it, or drawn from all of it."""
    tables, one = deepcopy(tables), dice.choice(QUANTITIES)
    *path, last = one.key.split(".")
    policies = tables.get("policies")
    policies = (
        [p for p in policies.values() if isinstance(p, dict)] if isinstance(policies, dict) else []
    )
    at = dice.choice(policies) if policies and dice.random() < 0.5 else tables
    for key in path:
        if not isinstance(at.get(key), dict):
            at[key] = {}
        at = at[key]
    at[last] = _allowed(one.quantity, dice)
    return tables


def _allowed(quantity, dice):
    if isinstance(quantity, Choice):
        return dice.choice(quantity.options)
    if not isinstance(quantity, Quantity):
        return Raw(dice.choice(ODD))
    low, high = quantity.low, quantity.high
    numbers = [low, high, (low + high) / 2, low + (high - low) * dice.random() ** 4]
    spread = [{"uniform": [low, high]}, {"normal": [(low + high) / 2, (high - low) or 1.0]}]
    spread += [{"triangular": [low, low, high]}, {"lognormal": [max(high, 1e-9) / 3, 2.0]}]
    values = numbers if quantity.whole or dice.random() < 0.7 else spread
    chosen = [dice.choice(values) for _ in quantity.parts or (None,)]
    return chosen if quantity.parts else chosen[0]


STRUCTURAL = (
    _odd_value, _odd_value, _odd_value, _odd_value, _deleted, _wrapped, _renamed, _added, _moved,
    _size, _deep, _many, _edge, _edge, _edge, _edge, _edge,
)  # fmt: skip


def _place_in(content, dice):
    return dice.randrange(len(content) + 1)


def _flipped(content, dice):
    place = _place_in(content, dice)
    return content[:place] + bytes([dice.randrange(256)]) + content[place + 1 :]


def _inserted(content, dice):
    place = _place_in(content, dice)
    return content[:place] + dice.choice(HOSTILE_BYTES) + content[place:]


def _cut(content, dice):
    place = _place_in(content, dice)
    return content[:place] + content[place + dice.choice((1, 3, 40, 400)) :]


def _truncated(content, dice):
    return content[: _place_in(content, dice)]


def _line_again(content, dice):
    lines = content.split(b"\n")
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
    return b"\n".join(lines)


def _lines_swapped(content, dice):
    lines = content.split(b"\n")
    a, b = (dice.randrange(len(lines)) for _ in range(2))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _line_ends(content, dice):
    return content.replace(b"\n", dice.choice((b"\r\n", b"\r", b"\n\n")))


def _marked(content, dice):
    mark = dice.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf"))
    return mark + content


def _other_coding(content, dice):
    return content.decode("utf-8", "replace").encode(
        dice.choice(("utf-16", "utf-32", "latin-1")), "replace"
    )


def _larger_digits(content, dice):
    places = [k for k, c in enumerate(content) if chr(c).isdigit()]
    if not places:
        return content
    place = dice.choice(places)
    return content[:place] + dice.choice((b"9" * 12, b"9" * 400, b"-", b"e9")) + content[place:]


BYTEWISE = (
    _flipped, _flipped, _inserted, _inserted, _cut, _cut, _truncated, _line_again, _line_again,
    _lines_swapped, _line_ends, _marked, _other_coding, _larger_digits, _larger_digits,
)  # fmt: skip
