"""Tests of screening, actions, sanctions and the numbers to call."""
