"""Copies: the systems of a lab that are trained from one model share a part of their draws."""

from math import floor

import numpy as np

from regimesim.model.compilation import INTERPRETED, equation, stage
from regimesim.model.world.draws import MODEL_ABILITY, MODEL_NATURE, words
from regimesim.model.world.layout import WIDTH
from regimesim.model.world.normal import normal, normal_cdf, normal_quantile

whole = floor if INTERPRETED else np.floor  # the latter becomes a vector instruction


@equation
def model_number(month, lab, labs, release_interval):
    """g: the number of the model that a lab trains in a month; labs release in turn.
    Eq. 7.3.14."""
    head_start = whole(lab * release_interval / labs)
    return float(whole((month + head_start) / release_interval))


@equation
def shared_normal(of_model, own, common_weight, own_weight):
    """A standard normal draw of a system that is a copy of a model. Eq. 7.3.15."""
    return common_weight * of_model + own_weight * own


@equation
def shared_unit(of_model, own, common_weight, own_weight):
    """A uniform draw of a system that is a copy of a model; its own where nothing is shared.
    Eq. 7.3.16."""
    shared = normal_cdf(shared_normal(of_model, normal_quantile(own), common_weight, own_weight))
    return shared if common_weight > 0.0 else own


@stage
def release_models(tile):
    """The model of every lab this month, in every column; its draws where it is a new one."""
    world, training = tile.worlds[0], tile.parameters[0].training
    labs = tile.labs.shape[0]
    for k in range(labs):
        lab, new = tile.labs[k], 0
        for w in range(WIDTH):
            model = model_number(
                float(world.month[w]), float(k), float(labs), training.release_interval[w]
            )
            new += 1 if model != lab.model[w] and training.shared[w] > 0.0 else 0
            lab.next_model[w] = model
        if new:
            _draw_models(k, lab, world)
        for w in range(WIDTH):
            lab.model[w] = lab.next_model[w]


@stage
def _draw_models(k, lab, world):
    """The standard normals of the model of one lab, in every column: where it is not a new one
    they are the same as before, and drawing them again costs less than a branch."""
    for w in range(WIDTH):
        seed, model, number = world.seed[w], int(lab.next_model[w]), world.number[w]
        ability = words(seed, k, model, number, MODEL_ABILITY)
        nature = words(seed, k, model, number, MODEL_NATURE)
        for word in range(4):
            lab.drawn[word, w] = normal(ability[word])
            lab.drawn[4 + word, w] = normal(nature[word])
