"""The edXML package (QCVN 102:2016, variant A): safe parsing, schema, reading, writing. Pure, on lxml."""
