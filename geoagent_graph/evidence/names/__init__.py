"""Names on signs: found in lines of text, put into context, weighed over towns."""
