"""The JSON API for systems, version 1: routes as data, from which the OpenAPI document is made."""
