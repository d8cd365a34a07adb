"""Sentences that stand beside every result, wherever it is shown."""

LOWER_BOUND = (
    "What was shown is a lower bound: with other prompts, tools or budgets the model may do more."
)
PREPARED = (
    "Prepared by the program. The determination is the recorded act of the office that the law "
    "names, and of nobody else."
)
SCRIPTED = "Scripted, not a model: nothing here is a capability of any model."
