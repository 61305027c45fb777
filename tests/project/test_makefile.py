"""Every target of the Makefile has one rule, and its phony targets are those that it names."""

import re
from collections import Counter

from tests.support.paths import ROOT


def test_every_target_has_one_rule() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = Counter(re.findall(r"^([a-z][a-z-]*):(?!=)", text, flags=re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)
    assert phony is not None
    assert rules == Counter(phony[1].split())
