"""Tests of calling people, with real servers at the other end."""
