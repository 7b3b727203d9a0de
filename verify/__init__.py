"""What only Azure can confirm: each statement that the docs mark as unverified, with the probe that settles it.

`verify.statements.STATEMENTS` is the one list; docs/unverified.md is generated from it (`python -m verify.document`),
and scripts/verify_azure.py runs its probes.
"""
