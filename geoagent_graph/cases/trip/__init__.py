"""Cases of several photos: their joint result and its trace."""
