"""Lists of places: each a system and a column in which something happens to it, as one number.

A stage finds the columns side by side, as the bits of a whole number, of which few are set.  So
these are entered one by one, and no stage looks at the others again.
"""

from regimesim.model.compilation import equation
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.mathematics import lowest_bit


@equation
def place_of(i, w):
    """The place of system `i` in column `w`."""
    return i * WIDTH + w


@equation
def located(place):
    """The system and the column of a place."""
    return place // WIDTH, place % WIDTH


@equation
def enter(places, many, i, columns):
    """Add system `i` in each of these columns to a list of `many` places. Returns how many there
    are then."""
    while columns:
        places[many] = place_of(i, lowest_bit(columns))
        columns &= columns - 1
        many += 1
    return many
