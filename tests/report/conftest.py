"""Property tests run alike on a laptop and on a loaded build machine."""

from hypothesis import settings

settings.register_profile("report", deadline=None, max_examples=60, database=None)
settings.load_profile("report")
