"""Env files, and the other places that an application's variables come from."""
