"""Many people and many faults at once. These take longer than the rest."""
