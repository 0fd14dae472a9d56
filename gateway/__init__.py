"""The HTTP edge: what clients send becomes calls to the services, refusals become problems.

It owns no data and decides nothing about rights: it validates the form of a request, has identity
vouch for the caller, and passes both on.
"""
