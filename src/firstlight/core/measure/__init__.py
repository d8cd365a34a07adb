"""What a model can do: the record of a run, its statistics, threshold, designation, statement."""
