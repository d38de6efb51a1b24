"""Attempts to get in, to get out, or to find somebody out."""
