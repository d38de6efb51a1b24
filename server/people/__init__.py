"""People as the server knows them: the eight words of a guest, and the accounts of staff.

Of a guest nothing is stored here, not even a hash; a room sees only a tag derived from the words.
"""
