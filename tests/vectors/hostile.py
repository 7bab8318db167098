"""Hostile packages: each with its name, its octets and the codes that may refuse it. Made afresh with new keys."""

from functools import cache

from tests.vectors.hostile_octets import octets_and_blow_ups
from tests.vectors.hostile_parts import Vector, with_digest, xades_template
from tests.vectors.hostile_templates import templates
from tests.vectors.hostile_wrapping import attributes, damage, wrapping
from tests.vectors.hostile_xades import properties

__all__ = ["Vector", "all_vectors", "with_digest", "xades_template"]


@cache
def all_vectors() -> tuple[Vector, ...]:
    """Return the whole corpus."""
    return (*templates(), *wrapping(), *damage(), *octets_and_blow_ups(), *attributes(), *properties())
