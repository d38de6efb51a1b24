"""The command line: one file for each group of commands, each with `add` and what it runs.

`arguments.py` puts them together. Commands print; nothing else in `server/` does.
"""
