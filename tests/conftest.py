"""What every test may ask for; see tests/services.py."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.services"]

# No deadline: two shared cores make any single example slow now and then.
settings.register_profile("docaxis", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("docaxis")
