"""The Screen: the automatic look at every text a person submits.

`fold` makes a text plain, `patterns` compiles what the lexicons say, `context` weighs what stands
around a find, and `screen` decides. Pure, and a few microseconds for most texts.
"""
