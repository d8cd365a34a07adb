"""Inspect, the field's engine, as an extra: its model providers, its agent loop, its logs.

The only package that imports `inspect_ai`, and nothing imports it before a run or a log asks for
it: `firstlight measure verify`, tool baselines and our own loop work without the extra.

- `loop`: one sample through Inspect's agent loop; tool calls go through our agent interface.
- `player`: that loop behind the port `Player`, for `firstlight measure run --model inspect/...`.
- `suite`: our tasks as an Inspect task, our verifier as its scorer, for `inspect eval`.
- `reading`: an `.eval` log as a record of ours.

What Inspect writes down is in clear. Tasks that are not public are therefore refused here.
"""
