"""Where the outside judges accept what the profile refuses: each by name, with the reason."""

SHAPE = (
    "template: no c14n transform",
    "template: transforms swapped",
    "template: transform twice",
    "template: enveloped twice",
    "template: c14n with comments",
    "template: SignedInfo c14n with comments",
    "template: URI missing",
    "template: URI xpointer root",
    "template: Reference Type",
    "template: Reference extra attribute",
    "template: reference twice",
    "template: reference thirty",
    "template: DigestMethod child",
    "template: ecdsa with HMACOutputLength",
    "template: SignedInfo text",
    "template: SignedInfo comment",
    "template: SignedInfo instruction",
    "template: SignedInfo attribute",
    "template: SignedInfo xml:lang",
    "template: Signature attribute",
    "template: Signature xml:base",
    "template: Signature text",
    "template: Signature comment",
    "template: CDATA comment in DigestValue",
    "template: comment before DigestValue text",
    "template: element in DigestValue",
    "template: DigestValue attribute",
    "template: transform XPath",
    "template: transform XPath filter 2",
    "template: transform decrypt",
    "template: transform with child",
    "template: InclusiveNamespaces odd",
    "template: Object of text",
    "template: Object empty",
    "template: Object Manifest",
    "template: Object twice",
    "template: nested signature",
)
"""A general library does what the signature says of itself; the profile knows one shape only."""

KEY = (
    "template: KeyInfo missing",
    "template: KeyInfo empty",
    "template: KeyName only",
    "template: KeyValue only",
    "template: KeyValue beside",
    "template: RetrievalMethod",
    "template: X509Data twice",
    "template: X509Data empty",
    "template: X509Data subject only",
    "template: X509CRL",
    "template: certificate not base64",
    "template: certificate not DER",
    "template: certificate and trailing octets",
    "template: nine certificates",
    "key: p224",
    "re-keyed: another's certificate",
    "re-keyed: certificate of another family",
)
"""The judges were handed the key and so never look at KeyInfo; the hub finds the signer there."""

PLACE = (
    "wrapping: original in Object",
    "wrapping: signature in the body",
    "wrapping: signature first in the header",
    "wrapping: signature in the message header",
    "wrapping: signature last in the root",
    "wrapping: comment after the signature",
    "signed: message header twice",
    "signed: header twice",
    "signed: shadow MessageHeader",
    "signed: signature in the body",
    "signed: signature last in the root",
    "signed: signature first",
    "signed: signature in the message header",
    "signed: foreign Signature",
)
"""Any place is an enveloped signature to them; the hub reads from a fixed path, where wrapping would hide."""

SCHEMA = (
    "schema: To of no namespace",
    "schema: foreign To",
    "schema: From twice",
    "schema: OrganId twice",
    "schema: Subject twice",
    "schema: unknown element",
    "schema: text between",
    "schema: element in a field",
    "schema: attribute on a field",
    "schema: AttachmentEncoded twice",
    "schema: AttachmentEncoded in the envelope",
    "schema: second body",
)
"""They know no schema: the mathematics hold over a package that is none."""

HIDDEN = (
    "hidden: comment in OrganId",
    "hidden and signed: comment in OrganId",
    "hidden: comment in Subject",
    "hidden and signed: comment in Subject",
    "hidden: comment before the text",
    "hidden and signed: comment before the text",
    "hidden: comment in From",
    "hidden and signed: comment in From",
    "hidden and signed: instruction in Subject",
    "hidden and signed: instruction between fields",
    "hidden: instruction before the root",
    "hidden and signed: instruction before the root",
    "hidden: instruction for the declaration",
    "hidden and signed: instruction for the declaration",
    "hidden: comment in the base64",
    "hidden and signed: comment in the base64",
)
"""Canonical XML leaves comments out and signs instructions; people would read a field cut in two."""

PARSER = (
    "octets: utf-16",
    "octets: utf-16 declared",
    "octets: utf-16-le declared",
    "octets: utf-16-be declared",
    "octets: utf-32",
    "octets: utf-32 declared",
    "octets: utf-32-le",
    "octets: utf-32-le declared",
    "octets: utf-32-be",
    "octets: utf-32-be declared",
    "octets: declared utf8",
    "octets: XML 1.1",
    "doctype: plain",
    "doctype, declared: plain",
    "doctype: external",
    "doctype, declared: external",
    "doctype: file entity",
    "doctype, declared: file entity",
    "doctype: laughs",
    "doctype, declared: laughs",
    "doctype: parameter entity",
    "doctype, declared: parameter entity",
    "doctype: default attribute",
    "doctype, declared: default attribute",
    "doctype: after a comment",
    "doctype, declared: after a comment",
    "doctype: after an instruction",
    "doctype, declared: after an instruction",
)
"""Their parser takes other encodings, XML 1.1 and document types; the hub refuses the octets before parsing."""

IDENTIFIERS = (
    "identifier twice: Id, Id",
    "identifier twice: Id, ID",
    "identifier twice: id, Id",
    "identifier twice: xml:id, Id",
)
"""No reference of the signature uses the identifier, so they do not mind that it stands twice."""

XADES = (
    "xades: certificate digest of another",
    "xades: issuer and serial of another",
    "xades: not referenced",
    "xades: reference of another type",
    "xades: Target of another",
    "xades: no Target",
    "xades: twice",
    "xades: unsigned properties",
    "xades: no certificate",
    "xades: certificate digest of sha1",
    "xades: time impossible",
    "xades: time without zone",
    "xades: time with comment",
    "xades: policy",
    "xades: two transforms",
    "xades: id twice",
)
"""They verify references, not what XAdES properties mean."""

ACCEPTED_BY_A_JUDGE = frozenset((*SHAPE, *KEY, *PLACE, *SCHEMA, *HIDDEN, *PARSER, *IDENTIFIERS, *XADES))
