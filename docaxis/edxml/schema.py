"""The schema check: RELAX NG decides, our own sentence says what and where (`schema_model.py`)."""

import sys
from functools import cache
from pathlib import Path

from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.names import EDXML, MESSAGE_HEADER, OTHER_VARIANTS, ROOT
from docaxis.edxml.safety import ParsedXml, place
from docaxis.edxml.schema_model import find_fault

VERSION = "qcvn-102-2016"
"""Folder of the schemas of variant A."""

_HAS_STATUS_CODE = etree.XPath(
    "boolean(x:edXMLEnvelope/x:edXMLHeader/x:MessageHeader/x:StatusCode)", namespaces={"x": EDXML}, smart_strings=False
)


def schema_folder(version: str = VERSION) -> Path:
    """Return the folder of a schema version, in a checkout or an installation.

    Raises FileNotFoundError: the installation is incomplete, which is our fault and no verdict about a package.
    """
    package = Path(__file__).resolve().parent.parent
    places = (package.parent / "schemas", package / "schemas", Path(sys.prefix) / "share" / "docaxis" / "schemas")
    for folder in places:
        if (folder / version / "edxml.rng").is_file():
            return folder / version
    message = f"schemas/{version} is missing; looked in: {', '.join(str(folder) for folder in places)}"
    raise FileNotFoundError(message)


def is_status(parsed: ParsedXml) -> bool:
    """Return whether the package is a status: its MessageHeader holds a StatusCode."""
    return bool(_HAS_STATUS_CODE(parsed.root))


def check_schema(parsed: ParsedXml) -> Rejection | None:
    """Refuse what is not a package of QCVN 102:2016 (variant A).

    Errors: PKG.NAMESPACE (another variant or a foreign element), PKG.SCHEMA (with the path and line of the fault).
    """
    root = parsed.root
    if root.tag != ROOT:
        return _wrong_root(root)
    status = is_status(parsed)
    schema = _schema("status.rng" if status else "edxml.rng")
    if schema.validate(root):
        return None
    fault = find_fault(root, "status.rng" if status else "edxml.rng", schema_folder())
    if fault is not None:
        return fault
    # The model found nothing where RELAX NG did: fall back on the line that RELAX NG gives, never on its words.
    header = next(root.iter(MESSAGE_HEADER), root)
    return Rejection(Reason.PKG_SCHEMA, "", place(header))


@cache
def _schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(file=str(schema_folder() / name))


def _wrong_root(root: etree._Element) -> Rejection:
    name = etree.QName(root)
    namespace = name.namespace or ""
    if namespace != EDXML:
        found = OTHER_VARIANTS.get(namespace, "another namespace")
        return Rejection(Reason.PKG_NAMESPACE, found, place(root))
    return Rejection(Reason.PKG_SCHEMA, f"{name.localname[:60]}: edXML", place(root))
