"""The live room: what may be said and done in a support meeting, as pure rules.

Commands decide, events take effect, and nothing here waits, reads a clock, draws a random number or
touches a file: all of that is handed in. The package knows msgspec, the standard library and a few
small pure libraries for text.
"""
