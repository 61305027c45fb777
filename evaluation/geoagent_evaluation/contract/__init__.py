"""The files that go in and come out, and the tables they are read into."""
