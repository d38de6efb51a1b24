"""Tests of hosting, committing and delivering live rooms."""
