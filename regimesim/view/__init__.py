"""The live page: one world month by month, and the odds under the same settings.

All content is made without a browser (`watched`, `choices`, `controls`, `odds`,
`drawings`, `words`); `page` and the .vue files lay it out, `serving` opens it.
"""
