"""Sentry: what a DSN leads to."""
