"""Holds `sayso report` to pandas on a table of any size."""
