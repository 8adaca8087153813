"""Products are remixed, not coded: an account is *made of* features, and every figure follows from them.

``features`` what the terms are · ``phrases`` and ``reading`` how a file says them · ``schedule`` what falls due ·
``standing`` and ``position`` where an account stands · ``allocate`` what a payment pays · ``chart`` the books.
"""
