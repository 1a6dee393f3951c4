"""The repository: its files as committed, and the secrets in its history."""
