"""Calling people: who is on shift, how they are reached, what lies on the desk.

Nothing in here holds a word of a room. A call says that somebody is needed, where, and how
urgently; the words stay where they were said.
"""
