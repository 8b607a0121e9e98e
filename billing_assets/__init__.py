"""The billing business as a graph: one folder per stage, in the order in which data flows.

reference -> orders -> billing_schedule -> usage -> rating -> bundles -> fees -> discounts -> items
-> taxes -> invoices -> reports -> documents. A stage imports from the stages before it, never from one after it.
"""
