"""Arguments from the debate, each a scenario with the pattern that it says will show.

A claim is a scenario file with a `[claim]` table: the argument, the view that holds it, and
patterns as data.  `reading` reads it, `trial` runs it, `patterns` decides, `told` says it in
words, `pages` writes the gallery and docs/claims.md, and `command` is `regimesim claims`.
"""
