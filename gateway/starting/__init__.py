"""A home to start from: what ``njia init`` knows of a country, and the files that it writes."""
