"""Archives of photos: located in many processes, kept in shards, gone on with after a kill.

`locate_batch` is the whole of the work: Arrow rows in, Arrow rows out. Everything else here lists
photos, hands rows to an engine, and keeps what comes back.
"""

from geoagent_graph.batch.locate_rows import locate_batch as locate_batch
from geoagent_graph.batch.options import BatchOptions as BatchOptions
