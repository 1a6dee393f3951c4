"""Documents that people wrote: runbooks, release notes, the recovery document."""
