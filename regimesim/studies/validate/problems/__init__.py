"""Problems with a known answer, solved with the equations and draws of the model.

    from regimesim.studies.validate.problems.nested import Line, best_nesting
    guard, houdini = Line(1.0984, -47.499), Line(0.049361, 1080.4)  # the game of debate
    best_nesting(guard, houdini, weakest=1103, gap=400)

Each has a module: nested oversight, detection curves, the game of upfront auditing, safeguards
that fail together, optimal stopping, and the counting of options.  `regimesim validate` compares
the model with their answers; the functions accept other numbers as well.
"""
