"""Simulated Axis network cameras over real HTTP and HTTPS, with faults on demand.

A program of its own (`python -m simulator`): it shares no code with the suite and knows nothing of
it, so that the suite meets these cameras exactly as it meets real ones.
"""
