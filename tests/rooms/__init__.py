"""Tests of the live room and its rules."""
