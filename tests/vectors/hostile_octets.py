"""Encodings, declarations, documents that are none, and blow-ups."""

from collections.abc import Iterator

from docaxis.domain.verdict import Reason
from tests.vectors import packages
from tests.vectors.craft import craft
from tests.vectors.hostile_parts import FORMAT, Vector


def octets_and_blow_ups() -> Iterator[Vector]:
    """Encodings, declarations, documents that are none, and blow-ups."""
    good = craft(packages.unsigned())
    text = good.decode()
    root = text[text.index("<edXML") :]
    encoding, malformed = {Reason.PKG_ENCODING}, {Reason.PKG_NOT_WELL_FORMED}
    doctype, limit = {Reason.PKG_DOCTYPE}, {Reason.PKG_LIMIT_EXCEEDED}
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        yield Vector(f"octets: {name}", root.encode(name), encoding)
        yield Vector(
            f"octets: {name} declared", f'<?xml version="1.0" encoding="{name}"?>{root}'.encode(name), encoding
        )
    # UTF-7 is ASCII: it reads as other text, whose signature fails wherever a letter or a `+` stood first.
    told = FORMAT | {Reason.SIG_HASH_FAILURE, Reason.SIG_NO_SIGNING_CERTIFICATE}
    yield Vector("octets: utf-7", root.encode("utf-7"), told)
    yield Vector("octets: utf-7 marked", b"+/v8-" + root.encode("utf-7"), encoding)
    yield Vector("octets: ebcdic", root.encode("cp500", "replace"), encoding)
    yield Vector("octets: windows-1258", root.encode("cp1258", "replace"), encoding)
    for name in ("UTF-16", "ISO-8859-1", "UTF-7", "utf8", "windows-1252", "EBCDIC-CP-US", ""):
        yield Vector(f"octets: declared {name}", f'<?xml version="1.0" encoding="{name}"?>{root}'.encode(), encoding)
    for name, head in (
        ("XML 1.1", '<?xml version="1.1"?>'),
        ("XML 2.0", '<?xml version="2.0" encoding="UTF-8"?>'),
    ):
        yield Vector(f"octets: {name}", (head + root).encode(), encoding)
    for name, body in (
        ("declaration after a blank", f'\n<?xml version="1.0"?>{root}'),
        ("declaration twice", f'<?xml version="1.0"?><?xml version="1.0"?>{root}'),
        ("declaration without version", f'<?xml encoding="UTF-8"?>{root}'),
        ("declaration unended", f'<?xml version="1.0"{root}'),
        ("two roots", root + root),
        ("text after the root", root + "x"),
        ("text before the root", "1212" + root),
        ("two marks", "\ufeff\ufeff" + root),
        ("entity unknown", root.replace("V/v", "&xxe;")),
        ("unbound prefix", root.replace("xmlns:edXML", "xmlns:e", 1)),
        ("tag unended", root[:-3]),
        ("bell", root.replace("V/v", "\x07")),
        ("bell by reference", root.replace("V/v", "&#7;")),
        ("surrogate by reference", root.replace("V/v", "&#xD800;")),
        ("U+FFFF", root.replace("V/v", "\uffff")),
        ("NUL by reference", root.replace("V/v", "&#0;")),
        ("attribute twice", root.replace('version="1.0"', 'version="1.0" version="1.0"')),
        ("comment with two hyphens", root.replace("V/v", "<!-- -- -->")),
        ("comment unended", root.replace("V/v", "<!-- ")),
        ("CDATA unended", root.replace("V/v", "<![CDATA[ ")),
        ("CDATA before the root", "<![CDATA[x]]>" + root),
        ("conditional section", root.replace("V/v", "]]>")),
    ):
        yield Vector(
            f"octets: {name}", body.encode("utf-8", "surrogatepass"), malformed | encoding | {Reason.PKG_NAMESPACE}
        )
    for name, octets in (
        ("overlong slash", b"\xc0\xaf"),
        ("overlong less-than", b"\xe0\x80\xbc"),
        ("surrogate", b"\xed\xa0\x80"),
        ("beyond Unicode", b"\xf4\x90\x80\x80"),
        ("lone continuation", b"\x80"),
        ("cut short", b"\xe1\xba"),
        ("NUL", b"\0"),
        ("FE FF inside", b"\xfe\xff"),
    ):
        yield Vector(f"octets: {name}", good.replace(b"V/v", octets), encoding)
    for name, head in (
        ("plain", "<!DOCTYPE edXML>"),
        ("lower case", "<!doctype edXML>"),
        ("external", '<!DOCTYPE edXML SYSTEM "http://example.invalid/x.dtd">'),
        ("file entity", '<!DOCTYPE edXML [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'),
        ("laughs", '<!DOCTYPE edXML [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'),
        ("parameter entity", '<!DOCTYPE edXML [<!ENTITY % p SYSTEM "http://example.invalid/">%p;]>'),
        ("default attribute", '<!DOCTYPE edXML [<!ATTLIST edXML Id ID "x">]>'),
        ("after a comment", "<!-- x --><!DOCTYPE edXML>"),
        ("after an instruction", "<?x ?><!DOCTYPE edXML>"),
        ("entity alone", '<!ENTITY a "b">'),
    ):
        yield Vector(f"doctype: {name}", (head + root).encode(), doctype)
        yield Vector(
            f"doctype, declared: {name}", ('<?xml version="1.0" encoding="UTF-8"?>' + head + root).encode(), doctype
        )
    yield Vector("octets: empty", b"", {Reason.PKG_EMPTY})
    yield Vector("octets: blanks", b" \n\t ", {Reason.PKG_EMPTY})
    yield Vector("octets: mark only", b"\xef\xbb\xbf", {Reason.PKG_EMPTY})
    yield Vector("octets: zip", b"PK\x03\x04" + bytes(range(256)), encoding)
    yield Vector("octets: gzip", b"\x1f\x8b\x08" + bytes(range(256)), encoding)
    yield Vector("octets: JSON", b'{"a": 1}', malformed)
    yield Vector("blow-up: size", b"<a>" + b" " * (32 << 20) + b"</a>", {Reason.PKG_TOO_LARGE})
    yield Vector("blow-up: depth", b"<a>" * 1000 + b"</a>" * 1000, limit)
    yield Vector("blow-up: elements", b"<a>" + b"<b/>" * 200_000 + b"</a>", limit)
    yield Vector("blow-up: attributes", b"<a " + b" ".join(b'a%d=""' % n for n in range(50_000)) + b"/>", limit)
    yield Vector(
        "blow-up: attributes of one element", b"<a " + b" ".join(b'a%d=""' % n for n in range(200)) + b"/>", limit
    )
    spaces = b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(1000))
    yield Vector("blow-up: namespaces", b"<a " + spaces + b">" + b"<b/>" * 20_000 + b"</a>", limit)
    nested = b"".join(b'<a xmlns:p%d="urn:%d">' % (n, n) for n in range(200)) + b"</a>" * 200
    yield Vector("blow-up: namespaces on a path", nested, limit)
    yield Vector("blow-up: name", b"<" + b"n" * 60_000 + b"/>", limit)
    yield Vector("blow-up: comments", b"<a>" + b"<!---->" * 200_000 + b"</a>", limit)
    yield Vector("blow-up: text", b"<a>" + b"A" * 10_000_001 + b"</a>", {Reason.PKG_ATTACHMENT_TOO_LARGE_INLINE})
    to = "<edXML:To><edXML:OrganId>H41</edXML:OrganId></edXML:To>"
    many = text.replace("<edXML:DocumentId>", to * 5001 + "<edXML:DocumentId>", 1)
    yield Vector("blow-up: addressees", many.encode(), {Reason.PKG_TOO_MANY_ADDRESSEES})
