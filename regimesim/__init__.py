"""regimesim: does an oversight policy survive the first critical try?"""

__version__ = "0.1.0"
