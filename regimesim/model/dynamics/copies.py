"""Copies: the systems of a lab that are trained from one model share a part of their draws."""

from math import floor

import numpy as np

from regimesim.model.compilation import INTERPRETED, equation, stage
from regimesim.model.world.draws import MODEL_ABILITY, MODEL_NATURE, words
from regimesim.model.world.layout import MODEL_NORMALS, WIDTH
from regimesim.model.world.normal import normal, normal_cdf, normal_draw

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
    shared = normal_cdf(shared_normal(of_model, normal_draw(own), common_weight, own_weight))
    return shared if common_weight > 0.0 else own


@stage
def release_models(tile):
    """The model of every lab this month, in every column; its draws where it is a new one."""
    world, scratch, training = tile.worlds[0], tile.scratch[0], tile.parameters[0].training
    labs = tile.labs.shape[0]
    waiting = np.int64(0)  # a bare 0 would have what takes it compiled twice
    for k in range(labs):
        lab, new = tile.labs[k], 0
        for w in range(WIDTH):
            model = model_number(
                float(world.month[w]), float(k), float(labs), training.release_interval[w]
            )
            new += 1 if model != lab.model[w] and training.shared[w] > 0.0 else 0
            lab.next_model[w] = model
        if new:
            waiting = _announce_models(k, lab, tile, waiting)
        for w in range(WIDTH):
            lab.model[w] = lab.next_model[w]
    if waiting:
        _draw_models(tile.labs, scratch, waiting)


@stage
def _announce_models(k, lab, tile, waiting):
    """Let the new models of a lab wait until a model of some lab waits in every column: they are
    drawn side by side, whichever labs and worlds they are of.  Returns how many wait."""
    world, scratch, training = tile.worlds[0], tile.scratch[0], tile.parameters[0].training
    for w in range(WIDTH):
        if lab.next_model[w] == lab.model[w] or training.shared[w] == 0.0:
            continue
        scratch.releasing[waiting], scratch.column[waiting] = k, w
        scratch.seed[waiting], scratch.number[waiting] = world.seed[w], world.number[w]
        scratch.month[waiting] = int(lab.next_model[w])
        waiting += 1
        if waiting == WIDTH:
            _draw_models(tile.labs, scratch, waiting)
            waiting = 0
    return waiting


@stage
def _draw_models(labs, scratch, waiting):
    """The standard normals of the models that wait."""
    for w in range(WIDTH):
        seed, k = scratch.seed[w], scratch.releasing[w]
        model, number = scratch.month[w], scratch.number[w]
        ability = words(seed, k, model, number, MODEL_ABILITY)
        nature = words(seed, k, model, number, MODEL_NATURE)
        for word in range(4):
            scratch.of_model[word, w] = normal(ability[word])
            scratch.of_model[4 + word, w] = normal(nature[word])
    for place in range(waiting):
        drawn, w = labs[scratch.releasing[place]].drawn, scratch.column[place]
        for k in range(MODEL_NORMALS):
            drawn[k, w] = scratch.of_model[k, place]
