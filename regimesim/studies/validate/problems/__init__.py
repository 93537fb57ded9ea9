"""Problems whose answer is known from elsewhere, put to the model's own equations and draws.

    from regimesim.studies.validate.problems.nested import Line, best_nesting
    guard, houdini = Line(1.0984, -47.499), Line(0.049361, 1080.4)  # the game of debate
    best_nesting(guard, houdini, weakest=1103, gap=400)

A module each: nested oversight, detection curves, the game of upfront auditing, safeguards that
fail together, optimal stopping, and the counting of options.  They are of use in themselves;
`regimesim validate` holds the model against their answers.
"""
