"""The embedded parts: a Valkey of our own and the processes of one host, none of which outlives its owner."""
