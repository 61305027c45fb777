"""Policies that ask a language model: prompts, parsing, choice, and the client of a server.

Training imports the prompts and the parsing from here, so that the trained and the served policy
see the same words; `prompts`, `replies`, `chain` and `schemas` import neither a client nor torch.
"""
