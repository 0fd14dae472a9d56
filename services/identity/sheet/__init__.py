"""The sheet of paper that hands over an account's second factors (TOTP-9)."""
