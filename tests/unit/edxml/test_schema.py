from lxml import etree

from docaxis.domain.verdict import Reason
from docaxis.edxml import safety
from docaxis.edxml.schema import check_schema, schema_folder
from docaxis.edxml.status_writer import write_status
from tests.vectors import packages
from tests.vectors.hostile import all_vectors


def test_the_schemas_are_found_and_say_where_they_come_from():
    assert "Origin" in (schema_folder() / "README.md").read_text("utf-8")
    for name in ("edxml.rng", "status.rng"):
        etree.RelaxNG(file=str(schema_folder() / name))


def test_good_packages_are_valid():
    for body in (packages.unsigned(), packages.signed(), write_status(packages.STATUS), packages.signed_status()):
        parsed = safety.parse(body)
        assert isinstance(parsed, safety.ParsedXml)
        assert check_schema(parsed) is None


def test_every_schema_fault_is_explained_by_the_model():
    faults = 0
    for vector in all_vectors():
        parsed = safety.parse(vector.body)
        if not isinstance(parsed, safety.ParsedXml):
            continue
        refusal = check_schema(parsed)
        if refusal is not None:
            faults += 1
            assert refusal.code in {Reason.PKG_SCHEMA, Reason.PKG_NAMESPACE}
            assert refusal.detail, vector.name
            assert refusal.at.path
    assert faults > 20
