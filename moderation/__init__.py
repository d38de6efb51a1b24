"""Keeping people safe: screening, actions, sanctions and the numbers to call, as pure rules.

Like `rooms`, nothing here waits, reads a clock, draws a random number or touches a file. Whoever
calls brings the text, the data and the time.
"""
