"""A line through the space of parameters, from the low ends of ranges to the high ends."""

from regimesim.studies.ranges import Varied

DIGITS = 4  # of a value that is run, so that it can be printed exactly
WIDE = 10.0  # a range is searched in equal ratios where its ends have at least this ratio
FINE = 1 / 500  # of the way: places nearer to each other count as one
EVEN, RATIOS, CUBES = "even", "ratios", "cubes"

Values = tuple[float, ...]


class Line:
    """From all low ends (place 0) to all high ends (place 1).

    Several parameters move together on a straight line.  A single one is searched where
    small values are distinguished: in equal ratios where its range is wide, or with the cube
    of the place where it begins at 0.
    """

    def __init__(self, varied: tuple[Varied, ...]):
        self.varied = varied
        one = varied[0]
        self.spacing = EVEN
        if len(varied) == 1 and not one.whole:
            if one.low == 0:
                self.spacing = CUBES
            elif one.low > 0 and one.high >= WIDE * one.low:
                self.spacing = RATIOS

    def at(self, place: float) -> Values:
        """The values at a place, rounded so that they can be written down."""
        return tuple(self._value(one, place) for one in self.varied)

    def _value(self, one: Varied, place: float) -> float:
        if place in (0, 1):
            return one.high if place else one.low
        if self.spacing == RATIOS:
            value = one.low * (one.high / one.low) ** place
        else:
            way = place**3 if self.spacing == CUBES else place
            value = one.low + way * (one.high - one.low)
        if one.whole:
            return float(round(value))
        return min(max(float(f"{value:.{DIGITS}g}"), one.low), one.high)

    def place(self, values: Values, near: float) -> float:
        """The place of `values`, which rounding has moved from the place `near`."""
        (one, *others), value = self.varied, values[0]
        return near if others or not one.whole else (value - one.low) / (one.high - one.low)

    @property
    def fine(self) -> float:
        """The least distance at which two places count as different."""
        (one, *others) = self.varied
        return FINE if others or not one.whole else 1 / (one.high - one.low)

    def settings(self, values: Values) -> dict[str, float]:
        """Values by dotted key; whole numbers are whole."""
        return {
            one.key: int(value) if one.whole else value
            for one, value in zip(self.varied, values, strict=True)
        }
