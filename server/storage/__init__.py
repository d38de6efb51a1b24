"""What is kept, and for how long: tables, sealing, keys, snapshots and their destruction on time.

Every event body is sealed before it reaches the database, under a key with a day on which it dies.
"""
