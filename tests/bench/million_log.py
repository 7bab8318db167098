"""The log of the made database: an act for each document and each dispatch, and for each status of the last month.

Its entries are canonical and hash as they should, so that a check of a range finds what it would in life. The statuses of
eleven months have none: nine million more rows at its far end would change no page, and double the filling.
"""

_STAMP = """to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
_HEX = "replace({key}::text, '-', '')"


def _act(kind: str, key: str, body: str, rows: str) -> str:
    """Return the SELECT of one kind of act: its rows give `event_id` and `at`, key and body are expressions over them."""
    at, event_id = _STAMP.format(at="at"), _HEX.format(key="event_id")
    return f"""
    SELECT event_id, '{kind}', at, key, octets, sha256('\\x00'::bytea || octets)
    FROM (SELECT event_id, at, {key} AS key, convert_to(
                 '{{"at":"' || {at} || 'Z","body":{{' || {body} || '}},"event_id":"' || {event_id} || '","kind":"{kind}"}}',
                 'UTF8') AS octets
            FROM ({rows} OFFSET 0) AS acts) AS made"""  # noqa: S608 - constants of this file


_RECEIVED = f"'\"received_at\":\"' || {_STAMP.format(at='accepted_at')} || '+00:00\"'"

_ACCEPTED = _act(
    "document:accepted",
    "document_key",
    f"""'"addressees":[' || addressees || '],"business_type":0,"document":"sha256:' || md5(document_id) || md5(sender)
        || '","endpoint":"' || endpoint || '","key":"' || {_HEX.format(key="document_key")} || '","lane":"' || lane
        || '","notices":[],"package":"sha256:' || md5(digest) || md5(sender) || '","paper":false,' || {_RECEIVED}
        || ',"sender":"' || sender || '","signer":"' || signer || '","size_bytes":' || size_bytes""",
    """SELECT bench_key(accepted_at) AS event_id, accepted_at AS at, documents.*, addressees
         FROM documents
         JOIN (SELECT document_key, string_agg('["' || organ_id || '","' || endpoint || '","' || rule || '","dispatched",'
                                               || sequence || ']', ',' ORDER BY organ_id) AS addressees
                 FROM deliveries GROUP BY document_key) AS copies USING (document_key)""",
)

_DISPATCHED = _act(
    "copies:dispatched",
    "NULL::uuid",
    """'"dispatched":[' || dispatched || ']'""",
    f"""SELECT bench_key(max(at)) AS event_id, max(at) AS at,
              string_agg('["' || {_HEX.format(key="document_key")} || '",[' || endpoints || ']]', ',') AS dispatched
         FROM (SELECT document_key, accepted_at + interval '100 milliseconds' AS at,
                      row_number() OVER (ORDER BY document_key) / 30 AS block
                 FROM documents) AS numbered
         JOIN (SELECT document_key, string_agg(DISTINCT '"' || endpoint || '"', ',') AS endpoints
                 FROM deliveries GROUP BY document_key) AS copies USING (document_key)
        GROUP BY block""",  # noqa: S608 - constants of this file
)

_TOLD = _act(
    "status:accepted",
    "document_key",
    f"""'"applied":true,"author":"' || author || '","code":"' || lpad(code::text, 2, '0') || '","current":"'
        || lpad(code::text, 2, '0') || '","document":"' || {_HEX.format(key="document_key")} || '","endpoint":"e'
        || substr(author, 2)::int % {{endpoints}} || '","organ":"' || organ_id || '","package":"' || digest || '","party":"'
        || party || '",' || {_RECEIVED}""",
    """SELECT bench_key(accepted_at) AS event_id, accepted_at AS at, statuses.*
         FROM statuses WHERE code <> 13 AND accepted_at > (SELECT max(accepted_at) FROM documents) - interval '30 days'""",
)

EVENTS = f"""INSERT INTO events (event_id, kind, at, document_key, canonical, leaf_hash)
{_ACCEPTED} UNION ALL {_DISPATCHED} UNION ALL {_TOLD}"""

LOG_ENTRIES = """
INSERT INTO log_entries (leaf_index, event_id) SELECT row_number() OVER (ORDER BY at, event_id) - 1, event_id FROM events
"""
