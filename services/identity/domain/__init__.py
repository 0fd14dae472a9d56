"""Rules of accounts, passwords, codes, throttles, sign-in and sessions."""
