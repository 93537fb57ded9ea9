"""The live page: one world as it is lived through, and the odds under the same settings.

What the page shows is made without a browser (`watched`, `choices`, `controls`, `odds`,
`drawings`, `words`); `page` and the .vue files lay it out, `serving` opens it.
"""
