"""Languages on signs: which are read, and how likely each is in each country."""
