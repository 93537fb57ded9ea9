"""Systems of different columns side by side.

Where something concerns few systems of a month, and in each column others, they are listed in
`tile.due`, and `WIDTH` of them are handled at a time, whichever worlds they are of.
"""

from regimesim.model.compilation import stage
from regimesim.model.world.layout import WIDTH


@stage
def enrol(due, first, last, scratch):
    """The number and the column of each system whose turn it is, from place `first` of the list;
    after the last, it again."""
    for w in range(WIDTH):
        place = due[min(first + w, last - 1)]
        scratch.queued[w], scratch.column[w] = place // WIDTH, place % WIDTH
