"""A helper that stays behind and answers the next `geoagent locate --keep-warm` in a fork."""
