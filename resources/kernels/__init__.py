"""The exact operations of billing_assets/exact.py in each engine's own words, one module per engine.

Decimals are taken apart into whole units (1e-9 for quantities, 1e-12 for unit prices and for quantities of files, 1e-10
for amounts), divided as integers with the remainder rounded half away from zero, and put together again.
"""
