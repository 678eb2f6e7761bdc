"""Administration: the records, users, mirrors and spaces, and the log of what was done to them.

What an administrator sees is what it takes to find a record and to delete it: whose, when, how
many; never how somebody felt (docs/collective-pages.md).
"""
