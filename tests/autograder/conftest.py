"""How hypothesis works here: on a busy machine too, and without remembering earlier runs."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "cmp784", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cmp784")
