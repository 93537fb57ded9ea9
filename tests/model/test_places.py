"""Lists of places: every column whose bit is set, in order, after what the list had before."""

import numpy as np
import pytest

from regimesim.model.world.layout import WIDTH
from regimesim.model.world.places import enter

ALL = (1 << WIDTH) - 1
SOME = [int(bits) & ALL for bits in np.random.default_rng(4).integers(1 << 32, size=6)]


@pytest.mark.parametrize("columns", [0, 1, 1 << (WIDTH - 1), ALL, *SOME])
def test_a_list_of_places_gets_every_column_whose_bit_is_set(columns):
    places = np.full(3 + WIDTH, -1, np.int64)
    expected = [5 * WIDTH + w for w in range(WIDTH) if columns >> w & 1]
    many = enter(places, 3, 5, columns)
    assert many == 3 + len(expected)
    assert places[3:many].tolist() == expected
    assert (places[:3] == -1).all() and (places[many:] == -1).all()
