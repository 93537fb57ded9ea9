"""Plain Mesa, tuned: the same model and the same worlds, without the sets of agents.

A set of Mesa holds weak references, which it follows again for each method that its agents carry
out; a list of the agents needs none.
"""

from functools import partial

import plain_mesa


class Listed(list):
    """Agents in a list, with what `PlainModel` uses of a set of agents."""

    def do(self, method):
        for agent in self:
            getattr(agent, method)()

    def map(self, method):
        return [getattr(agent, method)() for agent in self]

    def get(self, name):
        return [getattr(agent, name) for agent in self]

    def select(self, wanted):
        return Listed(filter(wanted, self))


class TunedModel(plain_mesa.PlainModel):
    """A plain model whose agents are in lists."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.labs, self.systems = Listed(self.labs), Listed(self.systems)


run = partial(plain_mesa.run, model=TunedModel)
