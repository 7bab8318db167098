"""From a parsed status package to its values (QCVN 102:2016; the addressee is `ResponseFor/OrganId`)."""

import re

from docaxis.domain.envelope import StatusEnvelope
from docaxis.edxml.fields import Fields, parse_time
from docaxis.edxml.party_reader import read_organization, read_response_for, read_staff

_STATUS_CODE = re.compile(r"[0-9]{2}")


def read_status(message: Fields) -> StatusEnvelope:
    """Read the MessageHeader of a status; raises RefusedError.

    Which codes exist is the state machine's business: here two digits are enough. Errors: PKG.VALUE.
    """
    response = message.must("ResponseFor")
    response.required("OrganId")
    response.required("DocumentId")
    status_code = message.required("StatusCode")
    if not _STATUS_CODE.fullmatch(status_code):
        raise message.wrong("StatusCode", "01…16")
    written = message.text("Timestamp")
    timestamp = parse_time(written)
    if written and timestamp is None:
        raise message.wrong("Timestamp", "yyyy/MM/dd HH:mm:ss")
    return StatusEnvelope(
        sender=read_organization(message.must("From")),
        response_for=read_response_for(response),
        status_code=status_code,
        description=message.text("Description", 2000),
        timestamp=timestamp,
        staff=read_staff(message.group("StaffInfo")),
    )
