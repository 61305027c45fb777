"""What an error of Ray is about, in a line."""

import pytest

from geoagent_graph.workers.block_actors import words_of

OURS = """ray::MapWorker.submit() (pid=1)
  File "embed_blocks.py", line 120, in open_block_maker
geoagent_graph.errors.ToolError: The encoder broke.

The above exception was the direct cause of the following exception:

ray.exceptions.UserCodeException: UDF failed to process a data block.
To change retry attempts configure the context.
"""


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        (OURS, "The encoder broke."),
        ("The node died.\n  Look at its logs.\n", "Ray gave up: Look at its logs."),
        ("", "Ray gave up: it says no reason"),
    ],
)
def test_the_words_of_an_error_are_ours_or_its_last(trace: str, words: str) -> None:
    assert words_of(trace) == words
