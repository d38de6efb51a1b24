"""Live rooms in this process: hosting them, making their events durable, and delivering them.

An event is heard only after it has been committed, so an acknowledgement always means durable.
"""
