"""Cases: one photo, durable, inspectable, steerable, exportable.

with CaseStore(settings) -> create or hold a case, run it, question it; every view of it is drawn
from its trace. Start reading in `store.py`.
"""
