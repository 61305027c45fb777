"""HTML: reports, notebooks, photos and text that cannot become markup."""
