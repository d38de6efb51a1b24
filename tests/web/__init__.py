"""Tests of pages, forms and sockets, over HTTP."""
