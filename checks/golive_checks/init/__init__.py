"""golive init: read a repository, and draft the profile that its files suggest."""
