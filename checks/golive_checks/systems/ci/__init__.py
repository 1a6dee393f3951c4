"""Pipelines of GitHub and GitLab, and what their jobs run."""
