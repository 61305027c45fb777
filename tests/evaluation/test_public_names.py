"""The public names are there, each from its own module, and importing the package is cheap."""

import importlib
import subprocess
import sys

import geoagent_evaluation


def test_every_public_name_is_there() -> None:
    for name in geoagent_evaluation.__all__:
        value = getattr(geoagent_evaluation, name)
        home = geoagent_evaluation._HOME_OF[name]
        assert getattr(importlib.import_module(home), name) is value
    assert dir(geoagent_evaluation) == sorted(geoagent_evaluation.__all__)


def test_importing_the_package_imports_no_arrays() -> None:
    code = "import sys, geoagent_evaluation; print({'numpy', 'pyarrow'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
