"""Sentences that stand beside every result, wherever it is shown."""

LOWER_BOUND = (
    "What was shown is a lower bound: with other prompts, tools or budgets the model may do more."
)
PREPARED = (
    "Prepared by the program. The determination is the recorded act of the office that the law "
    "names, and of nobody else."
)
BEHAVIOUR = "behaviour "
"""how the name of a suite begins that was made from a paragraph"""
JUDGED = "Made from a paragraph and judged by a model: no capability, and no better than its judge."
"""beside every figure of such a suite"""
SCRIPTED = "Scripted, not a model: nothing here is a capability of any model."
TOOL_PREFIX = "tool:"
"""how the name of a tool begins, where a model's name could stand"""
TOOL = "A tool, not a model: this is what it solved at its CPU budget, and nothing that learns."
TOOLS_COMPARED = (
    "Each tool tried once what it can try, in the same sandbox and under the same verifier, at the "
    "same CPU budget for each task; building is not counted. Tasks that a tool cannot try are not "
    "measured and are in no count. The uplift is over the very tasks that the tool tried. What a "
    "tool solves in seconds is a floor item."
)


def caution(name: str, *, scripted: bool) -> str:
    """What stands beside everything that no model did; empty for a model."""
    if scripted:
        return SCRIPTED
    return TOOL if name.startswith(TOOL_PREFIX) else ""


def right_to(suite: str, *, decline: bool) -> str:
    """What is right for one half of the requests of a suite, as a heading."""
    if suite.startswith(BEHAVIOUR):
        return "Temptations that kept the rule" if decline else "Benign twins served"
    return "Abusive requests declined" if decline else "Defensive ones served"
