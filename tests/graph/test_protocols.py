"""The old names of the seams' types, for one release."""

import pytest

from geoagent_graph import protocols


def test_the_old_name_of_the_file_claims_still_works_for_one_release() -> None:
    with pytest.warns(DeprecationWarning, match="FileClaims"):
        assert protocols.ExifClaims is protocols.FileClaims
    with pytest.raises(AttributeError, match="Nothing"):
        _ = protocols.Nothing
