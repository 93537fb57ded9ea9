"""What the text of an optimum claims: of a front, of policies of the file, and of what is left."""

import pytest

from regimesim.studies.optimise.decision_text import decisions
from regimesim.studies.optimise.front_text import better_in_file, front
from regimesim.studies.optimise.text import sentences

KEPT, LOST = "no_takeover", "growth_lost"


def share(estimate, half=0.01):
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half, "n": 256}


def policy(words, kept, lost, verdict=None):
    targets = [{"verdict": verdict, "words": "growth_lost <= 0.1"}] if verdict else []
    fresh = {KEPT: share(kept), LOST: share(lost)}
    worse = {KEPT: share(0.002), LOST: share(0.0)}
    return {"words": words, "fresh": fresh, "lost": worse, "targets": targets}


def content_of(chosen, file, aims=(KEPT, LOST), **more):
    return {
        "aims": [{"estimand": name, "maximise": name == KEPT} for name in aims],
        "targets": [],
        "chosen": chosen,
        "file": file,
        "base": "base",
        "titles": {"other": "the other"},
        "front": len(chosen),
        "reached": True,
        **more,
    }


def members(*pairs):
    return {f"front {k}": policy(f"p{k}", *pair) for k, pair in enumerate(pairs, 1)}


def test_a_front_that_fresh_worlds_confirm_trades_one_aim_for_another():
    words = " ".join(front(content_of(members((0.9, 0.3), (0.6, 0.1)), {})))
    assert "Along it, one aim can be improved only at the cost of another." in words
    assert "measured again" not in words


def test_a_policy_of_the_front_that_another_beats_in_fresh_worlds_is_counted():
    content = content_of(members((0.9, 0.3), (0.6, 0.2), (0.62, 0.1)), {}, front=9)
    words = " ".join(front(content))
    assert "3 of its 9 policies were measured again." in words
    assert "1 of 3 is no better in any aim than another one of it" in words
    assert "only at the cost" not in words
    alone = " ".join(front(content_of(members((0.9, 0.3)), {})))
    assert "One policy is best in every aim: p1" in alone and "runs from" not in alone


def test_a_front_that_misses_its_targets_says_so():
    targets = [{"words": "growth_lost <= 0.1"}]
    content = content_of(members((0.9, 0.3)), {}, reached=False, targets=targets)
    assert next(front(content)).startswith("No policy was found that reaches growth_lost <= 0.1")


@pytest.mark.parametrize(("verdict", "is_named"), [("holds", True), ("fails", False)])
def test_a_better_policy_of_the_file_is_named(verdict, is_named):
    other = {"other": policy("", 0.95, 0.05, verdict)}
    words = " ".join(front(content_of(members((0.9, 0.3), (0.6, 0.1)), other)))
    named = "the other, a policy of the file, is better in every aim than 2 of them"
    assert (named in words) == is_named
    best = content_of({"best": policy("p", 0.6, 0.1)}, other, aims=(KEPT,))
    assert list(better_in_file(best)) == is_named * [
        "the other, a policy of the file, is better: 95.0 % (94.0-96.0); --policy other searches "
        "over it."
    ]
    alike = content_of({"best": policy("p", 0.94, 0.1)}, other, aims=(KEPT,))
    assert list(better_in_file(alike)) == []


def rows(*conditions):
    return [{"if": one, "for": "", "then": "x"} for one in ("at the start", *conditions)]


def test_decision_tables_are_those_of_the_best_and_of_the_worst_case_where_it_is_another():
    against = {"policies": [{"decisions": rows("a")}, {"decisions": rows("b")}]}
    content = {"decisions": {"best": rows("a"), "runner-up": rows("c")}, "against": against}
    first, second = decisions(content)
    assert first.startswith("The best policy, to be followed:") and "strictest" not in first
    assert second.startswith("Best in the worst case, policy 2 of 2:") and "strictest" in second
    (alone,) = decisions({"decisions": {"front 1": rows("a"), "front 2": rows("b")}})
    assert alone.startswith("The first policy of the front, to be followed:")
    assert list(decisions({"decisions": {"best": rows()}})) == []


def raced(**more):
    content = content_of({"best": policy("p", 0.9, 0.1)}, {}, aims=(KEPT,))
    best = content["chosen"]["best"]
    best["searched"] = best["fresh"]
    counts = {"policies_tried": 2, "left": 1, "race_worlds": 64, "bound": None, "worlds_run": 128}
    gains = {"base": {KEPT: share(0.1)}}
    lists = {"dropped": {}, "switched_on": {}, "contradictions": [], "points": 2, "space": []}
    return {**content, **counts, **lists, "gains": gains, **more}


def test_one_is_singular_and_what_systems_choose_is_said_to_be_no_policy():
    words = " ".join(sentences(raced()))
    assert "Of 2 policies, 1 is left after 64 worlds." in words
    assert "the estimate of worlds without a takeover was 90.0 %" in words
    one = " ".join(sentences(raced(contradictions=["why"])))
    assert "1 of 2 points contradicts itself and was left out: why." in one
    theirs = raced(space=[{"name": "conduct.coordination"}, {"name": "oversight.audit_budget"}])
    assert "conduct.coordination is what systems choose, and no overseer" in " ".join(
        sentences(theirs)
    )
