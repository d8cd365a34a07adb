"""Proves and watches the sandboxes of a measurement: probes, decoys, watcher, evidence, drill."""
