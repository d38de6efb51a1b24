"""Tests of the Screen: folding, patterns, contexts and what they find."""
