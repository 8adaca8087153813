"""Money in two steps: the states of a payment and what moves it from one to the next. Nothing here does I/O."""
