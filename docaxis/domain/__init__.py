"""The language of document exchange: agencies, envelopes, routes and verdicts; standard library only, no I/O, no clock."""
