"""Tests of words, accounts, passwords and sessions."""
