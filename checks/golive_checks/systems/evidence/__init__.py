"""Dated statements that people gave, and when secrets were last changed."""
