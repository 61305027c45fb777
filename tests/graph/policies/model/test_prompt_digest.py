"""The digest that stored runs name their prompts by."""

import hashlib
from pathlib import Path

from geoagent_graph.policies.model import prompts
from geoagent_graph.policies.model.prompt_digest import prompts_sha256


def test_the_digest_is_that_of_the_words_file_and_of_nothing_else() -> None:
    words = Path(prompts.__file__).read_bytes()
    inner = hashlib.sha256(words).digest()
    assert prompts_sha256() == hashlib.sha256(b"\x00" + inner).hexdigest()
    assert prompts_sha256() != hashlib.sha256(b"\x00" + inner[::-1]).hexdigest()
