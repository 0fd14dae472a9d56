"""Licensing owns products, suppliers, license keys, subscriptions, wallets and their ledger.

It announces what organizations do with their licenses, and hears of the devices they manage, from
which follows how many licenses they need, and of organizations that are archived or restored.
"""
