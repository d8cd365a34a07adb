"""From a paragraph about a behaviour to a test of it, and from judged replies to two rates."""
