"""Identity answers "Who are you?": accounts, passwords, second factors, sign-in, sessions and API tokens.

It owns the accounts and everything that proves them, sends the mail that belongs to it, and vouches
for callers with signed assertions that every service verifies itself. It announces ended sessions
and deleted accounts, has organizations end memberships first, and hears from them whom a notice of
licensing is for.
"""
