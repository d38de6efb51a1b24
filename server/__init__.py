"""The shell around the rules: everything that waits, stores, signs in or is set up.

It hosts the rooms of `rooms`, keeps what they decide, and knows staff accounts and settings. Only
`server/__main__.py`, where the parts are put together, may import `web`.
"""
