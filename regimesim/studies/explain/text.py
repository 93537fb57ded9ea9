"""What a number consists of and which assumptions flip it, in words and tables."""

from collections.abc import Iterator

from regimesim.analysis.composition import ENDINGS, SAFE, TRIERS, holder_words
from regimesim.analysis.formatting import NONE, listed, percent, percent_interval, so_many
from regimesim.analysis.policy_cells import costs_in_words
from regimesim.analysis.terminal import filled, table
from regimesim.scenario.dates import months_later

NAME = "explain.json"
FLIPS, MAY_FLIP = "flips", "may flip"
MOST_ROWS, FEWEST_ROWS = 5, 3  # assumptions in the table
MEDIAN = "~"
INDENT = "  "


def finding(answer) -> str:
    """The number, and how many assumptions flip the verdict, short enough for a progress bar."""
    flips = len(answer.flipping)
    share = percent(answer.no_takeover.estimate)
    return f"no takeover {share} %, {flips} flip{'s' if flips == 1 else ''} it"


def first_words(answer) -> str:
    """What is known before any assumption is moved."""
    question = answer.question
    share, size = percent_interval(answer.no_takeover._asdict()), len(question.assumptions)
    title = question.scenario.title(question.policy)
    moving = f"{size} assumption{' is' if size == 1 else 's are'} to be moved"
    return f"no takeover in {share} % under {title}; {moving}"


def may_flip(answer) -> str:
    """Which assumptions may flip the verdict, after a look at both ends of each in few worlds."""
    keys = [one.key for one in answer.perhaps_flipping]
    if not answer.effects:
        return "no assumption can be moved"
    if not keys:
        first = answer.effects[0]
        share = percent(first.worse(answer.is_good).estimate.estimate)
        return f"none flips the verdict alone; {first.key} moves it most, to {share} %"
    return f"{listed(keys)} may flip the verdict"


def flip(effect) -> str:
    """Where an assumption flips the verdict, or may."""
    end = next(
        end.plain() for kind in (FLIPS, MAY_FLIP) for end in effect.ends if end.verdict == kind
    )
    verb = "flips" if effect.flips else "may flip"
    at = f"{end['value']:.4g}" if end["kept"] is None else _bracket(effect.plain(), end)
    return f"{effect.key} {verb} the verdict at {at}"


def standing_pair(answer) -> str:
    """The worst pair, short."""
    if answer.pair is None:
        return "no two assumptions can be moved together"
    pair = answer.pair.plain()
    return f"{_places(pair)}: {percent_interval(pair)} %"


def text(content: dict) -> str:
    """The content of explain.json as text for a terminal."""
    lines = [
        *map(filled, _about(content)),
        *table(("", ""), _parts(content)),
        filled(f"It costs {costs_in_words(content['costs'])}.", rest=INDENT),
        "",
        *_assumptions(content),
        *(filled(line, rest=INDENT) for line in _together(content)),
        "",
        filled(" ".join(closing(content))),
    ]
    return "\n".join(lines)


def _about(content) -> Iterator[str]:
    yield (
        f"{content['title']} in {content['scenario']}: {so_many(content['worlds'])}, "
        f"{content['start']} to {content['end']}, seed {content['seed']}"
    )
    number = percent_interval(content["no_takeover"])
    yield f"No takeover in {number} % of worlds: {verdict(content)}"


def verdict(content) -> str:
    """Whether the number is good enough, as the end of a sentence."""
    bar = level(content)
    if not content["is_clear"]:
        side = "above" if content["is_good"] else "below"
        return f"{side} {bar}, but its interval is not. Run more worlds (--worlds)."
    if content["is_good"]:
        return f"good enough (at least {bar})."
    return f"not good enough (below {bar})."


def level(content) -> str:
    """The bar."""
    return f"{100 * content['good_enough']:g} %"


def _parts(content) -> Iterator[str | tuple[str, str]]:
    """The rows of the table of parts, with shares and 95 % intervals."""
    yield "How worlds end; shares in %, with 95 % intervals"
    yield from _rows(ENDINGS, content["endings"])
    tries = content["first_tries"]
    if tries["n"] == 0:
        yield "In no world was there a critical try, so nothing had to be caught."
        return
    half = months_later(content["start"], tries["months"][1])
    several = tries["several"]["estimate"]
    together = f"; {percent(several)} % by several at once" if several else ""
    yield f"Who made the first try ({so_many(tries['n'])}, half by {half}{together})"
    yield from _rows(TRIERS, tries["by"])
    yield from _outcomes(content)


def _rows(words, estimates) -> Iterator[tuple[str, str]]:
    for name, label in words.items():
        yield f"{INDENT}{label}", percent_interval(estimates[name])


def _outcomes(content) -> Iterator[str | tuple[str, str]]:
    by, numbers = content["outcomes"]["by"], content["outcomes"]["numbers"]
    if by["by_lottery"]["estimate"] is None:
        yield "Too few critical tries to say what held or lost them."
        return
    lone = numbers["estimate"]
    several = f" (lost only as several came at once: {percent(lone)} %)" if lone >= 0.001 else ""
    yield f"What held it, and what lost it{several}"
    shares = {name: one["estimate"] for name, one in by.items()}
    for name, label in holder_words(shares).items():
        if name != "by_traps" or by[name]["estimate"]:
            yield f"{INDENT}{label}", percent_interval(by[name])


def _side(content) -> str:
    """Where the opposite verdict is."""
    return f"below {level(content)}" if content["is_good"] else f"to {level(content)} or more"


def _assumptions(content) -> Iterator[str]:
    """A row for each assumption that flips the verdict alone, or may, or moves the number most."""
    size, known = len(content["assumptions"]), content["assumptions"]
    if not known:
        return
    rows = {name: list(_flipping(content, name)) for name in (FLIPS, MAY_FLIP)}
    surely, perhaps = (len({row[0] for row in rows[kind]}) for kind in rows)
    some = [*rows[FLIPS], *rows[MAY_FLIP]]
    if surely:
        whose = "its plausible range" if surely == 1 else "their plausible ranges"
        brings = "brings" if surely == 1 else "bring"
        words = f"Of {size} assumptions {surely} alone {brings} it {_side(content)} within {whose}"
        words += ", the nearest first" if len(some) > 1 else ""
    elif size == 1 and not missing(content):
        words = f"One assumption was moved, which does not surely bring it {_side(content)} "
        words += "within its plausible range"
        some += list(_strongest(content))
    else:
        none = "So far none" if missing(content) else "None"
        words = f"{none} of {size} assumptions alone surely brings it {_side(content)} within its "
        words += "plausible range; these move it most"
        some += list(_strongest(content))[: max(FEWEST_ROWS - len(some), 0)]
    medians = any(row[1].endswith(MEDIAN) for row in some[:MOST_ROWS])
    words += f" ({MEDIAN} the median of what is drawn):" if medians else ":"
    yield filled(words)
    yield from table(("assumption", "here", "flips at", "no takeover (%) at"), some[:MOST_ROWS])
    more = len(some) - MOST_ROWS
    if more > 0:
        yield f"{INDENT}and {more} more ({NAME})"
    if perhaps and not missing(content) and any("may" in row for row in some[:MOST_ROWS]):
        yield filled("may: within the precision of these worlds; run more (--worlds).", INDENT)


def _flipping(content, kind) -> Iterator[tuple[str, ...]]:
    """The rows of ends at which the verdict flips, or may."""
    for key, one in content["assumptions"].items():
        for end in (one["low"], one["high"]):
            if end["verdict"] == kind:
                yield key, _here(one), _flips_at(one, end), _at(end)


def _strongest(content) -> Iterator[tuple[str, ...]]:
    """The rows of assumptions that do not flip, each at its worse end."""
    sign = 1 if content["is_good"] else -1
    for key, one in content["assumptions"].items():
        ends = one["low"], one["high"]
        if all(end["verdict"] not in (FLIPS, MAY_FLIP) for end in ends):
            yield key, _here(one), NONE, _at(min(ends, key=lambda end: sign * end["estimate"]))


def _here(one) -> str:
    """The value in the scenario; of a distribution the median."""
    return f"{one['centre']:.3g}{'' if _is_number(one) else MEDIAN}"


def _number(one, value: float) -> str:
    """A value; a whole number has its unit beside it, as in "2 of 3 labs"."""
    return f"{value:.3g} {one['unit']}".rstrip() if one["whole"] else f"{value:.3g}"


def _is_number(one) -> bool:
    return not isinstance(one["value"], dict)


def _flips_at(one, end) -> str:
    if end["kept"] is None:
        return NONE if end["verdict"] == FLIPS else "may"
    return _bracket(one, end) if end["verdict"] == FLIPS else f"may: {_bracket(one, end)}"


def _bracket(one, end) -> str:
    """The values between which the verdict flips; of two whole numbers in a row, the one at which
    it has flipped."""
    low, high = sorted((end["kept"], end["flipped"]))
    if one["whole"] and high - low <= 1:
        return _number(one, end["flipped"])
    return f"{low:.3g}{' to ' if low < 0 else '-'}{high:.3g}"


def _at(end) -> str:
    return f"{end['value']:.3g}: {percent_interval(end)}"


def _together(content) -> Iterator[str]:
    """The worst pair, and the nearest scenario with the opposite verdict."""
    worst = "Worst" if content["is_good"] else "Best"
    if pair := content["pair"]:
        flips = {FLIPS: "", MAY_FLIP: ", which may be luck"}.get(
            pair["verdict"], ", so the verdict stays"
        )
        yield f"{worst} pair: {_places(pair)}: {percent_interval(pair)} %{flips}."
    if nearest := content["nearest"]:
        moves = "; ".join(
            f"{key} {_here(content['assumptions'][key])} -> {one['to']:.4g} "
            f"({100 * one['share']:.0f} %)"
            for key, one in nearest["moves"].items()
        )
        yield (
            f"Nearest opposite verdict, {percent_interval(nearest)} % (in brackets: share of its "
            f"range): {moves}."
        )
    elif content["assumptions"] and not missing(content):
        yield "No scenario with the opposite verdict was seen within the plausible ranges."


def _places(pair) -> str:
    """Where the assumptions of a pair are."""
    return " and ".join(f"{key}={one['to']:.4g}" for key, one in pair["moves"].items())


def missing(content) -> list[str]:
    """What was not looked for, as the study was interrupted."""
    return list(content.get("missing", ()))


def _unfinished(content) -> str:
    """What an interrupted study leaves open."""
    few = so_many(content["few"])
    return {
        "ends": "It was interrupted before any assumption was moved",
        "flips": f"It was interrupted before all assumptions that may flip the verdict, as {few} "
        "show, were moved in all worlds",
        "pair": "It was interrupted before pairs of assumptions were moved",
        "nearest": "It was interrupted before the nearest opposite verdict was looked for",
    }[missing(content)[0]] + ", so what reverses the verdict is not fully known."


def closing(content) -> Iterator[str]:
    """What a careful reader would conclude, in two or three sentences."""
    yield _rests_on(content)
    if words := _depends_on(content):
        yield words
    if missing(content):
        yield _unfinished(content)


def _rests_on(content) -> str:
    """What the worlds without a takeover rest on, or what the others are lost to."""
    parts = {name: one["estimate"] for name, one in content["endings"].items()}
    safe = sum(parts[name] for name in SAFE)
    if safe < 0.5:
        return _lost_to(parts, content["outcomes"]["by"])
    kinds = {
        "without a try, as a takeover never pays even unopposed": parts["never_favourable"],
        "without a try, as safeguards keep a takeover from paying": parts["deterred"],
        "without a try, though one would pay despite safeguards": parts["not_tried"],
        "with tries, all of which are held": parts["held"],
    }
    first, *others = sorted(kinds, key=lambda kind: -kinds[kind])
    rest = "; ".join(f"{percent(kinds[kind])} {kind}" for kind in others if kinds[kind])
    rest = f"; {rest}" if rest else ""
    return (
        f"Of all worlds {percent(safe)} % see no takeover: {percent(kinds[first])} {first}{rest}. "
        "How much of this each part of the policy causes, contributions measures."
    )


def _lost_to(parts, outcomes) -> str:
    """When most worlds are lost, and why."""
    at_first, later = (percent(parts[name]) for name in ("lost_at_first_try", "lost_later"))
    blind, beaten = (
        outcomes[f"lost_{name}"]["estimate"] for name in ("to_recognition", "otherwise")
    )
    why = ""
    if blind is not None and blind + beaten > 0:
        kind = "nobody recognised them" if blind > beaten else "no safeguard stopped them"
        part = percent(max(blind, beaten) / (blind + beaten))
        why = f"; of first tries that are lost, {part} % are because {kind}"
    return (
        f"Of all worlds {at_first} % are lost at the first critical try and {later} % at a later "
        f"one{why}."
    )


def _depends_on(content) -> str:
    """How easily the verdict flips."""
    rows = [
        (key, one, end)
        for key, one in content["assumptions"].items()
        for end in (one["low"], one["high"])
        if end["verdict"] == FLIPS
    ]
    pair = content["pair"]
    if not content["is_clear"]:
        return "Which side of the bar it is on, these worlds do not show."
    if rows:
        key, one, end = rows[0]
        at = end["value"] if end["flipped"] is None else end["flipped"]
        others = len({row[0] for row in rows}) - 1
        more = f", and {others} other assumption{'s' if others > 1 else ''} can do so"
        return (
            f"The verdict is no firmer than {key}: {_number(one, at)} in place of {_here(one)} "
            f"reverses it{more if others else ''}."
        )
    if pair and pair["verdict"] == FLIPS:
        names = " and ".join(pair["moves"])
        return f"It takes two assumptions to reverse the verdict, such as {names}."
    if missing(content):
        return ""
    if not content["assumptions"]:
        return "No assumption was moved."
    if len(content["assumptions"]) == 1:
        (only,) = content["assumptions"]
        return f"Within its plausible range {only} does not surely reverse the verdict."
    return "Within plausible ranges neither one assumption nor a pair surely reverses the verdict."
