"""The ladder of reasoning paradigms: looking up a value by paradigm without branching."""

from regimesim.model.compilation import equation


@equation
def of_paradigm(values, paradigm, w):
    """The value of paradigm 1, 2, 3 or 4 in column `w` of a (4, WIDTH) list parameter."""
    # all four are read before one is chosen: a read under a branch would not vectorise
    first, second, third, fourth = values[0, w], values[1, w], values[2, w], values[3, w]
    lower = first if paradigm == 1.0 else second
    upper = third if paradigm == 3.0 else fourth
    return lower if paradigm <= 2.0 else upper
