"""The device's side of the sync: what waits in the outbox reaches the collective, and only that.

`sender.Sender` is the part of the running mirror; `account` enrols and withdraws; docs/sync.md.
"""
