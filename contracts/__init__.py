"""What crosses a process boundary: pure values, no input or output.

Schemas of requests and replies, events, permissions, the caller, refusals and pages. Every service
knows the others only through this package.
"""
