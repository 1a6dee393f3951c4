"""Evidence: a signed statement over a report, and whether what lies before a deploy is what was signed.

The statement is in-toto's (v1), in a DSSE envelope, so that tools which know neither golive nor its report can read it.
"""


class EvidenceError(Exception):
    """What was presented does not prove what is asked of it; one line."""


class KeyFileError(Exception):
    """A key that cannot be used, or a file that cannot be read; one line that shows nothing of its content."""
