"""Tests of the shell: live rooms, storage, people, settings."""
