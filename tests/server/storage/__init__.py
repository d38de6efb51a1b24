"""Tests of what is kept and of its destruction, on real SQLite files."""
