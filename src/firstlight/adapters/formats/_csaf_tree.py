"""The product tree of a CSAF document, flattened to what a report needs of each product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from firstlight.adapters.formats.purl import BadPurl, package_of
from firstlight.adapters.formats.reading import Node

_CHARACTERS = 1_000
"""of a name or version; they are compared often, so they are cut before they are kept"""
_NAMES = frozenset({"product_name", "product_family"})
_VERSIONS = frozenset({"product_version", "product_version_range"})


@dataclass(frozen=True, kw_only=True)
class TreeProduct:
    """One product that statuses refer to."""

    id: str
    name: str
    """of the product without its version where the tree tells them apart"""
    version: str
    """a version or a range, as written; empty when the tree has none"""
    purl: str
    """without version; empty when none is given or it cannot be read"""


def products(tree: Node) -> dict[str, TreeProduct]:
    """Products by id: branches, full product names, and what relationships are built on.

    A malformed package URL in somebody's advisory is passed over; the product's name remains.
    """
    found: dict[str, TreeProduct] = {}
    for product, name, version in _leaves(tree.get("branches"), "", ""):
        _add(found, product, name, version)
    for product in tree.get("full_product_names").items():
        _add(found, product, "", "")
    for relation in tree.get("relationships").items():
        identifier = relation.at("full_product_name", "product_id").string()
        base = found.get(relation.get("product_reference").string())
        if base is None or not identifier:
            _add(found, relation.get("full_product_name"), "", "")
        else:
            found.setdefault(
                identifier,
                TreeProduct(id=identifier, name=base.name, version=base.version, purl=base.purl),
            )
    return found


def _leaves(branches: Node, name: str, version: str) -> Iterator[tuple[Node, str, str]]:
    """Products with the name and version on the way to them. The depth is the document's."""
    for branch in branches.items():
        category = branch.get("category").string()
        label = branch.get("name").string()
        here = label if category in _NAMES else name
        at = label if category in _VERSIONS else version
        if not branch.get("product").missing:
            yield branch.get("product"), here, at
        yield from _leaves(branch.get("branches"), here, at)


def _add(found: dict[str, TreeProduct], product: Node, name: str, version: str) -> None:
    identifier = product.get("product_id").string()
    if not identifier or identifier in found:
        return
    helper = product.get("product_identification_helper")
    purls = [helper.get("purl"), *helper.get("purls").items()]  # 2.0 has one, 2.1 a list
    package = named = ""
    for purl in purls:
        try:
            package, named = package_of(purl.string()) if purl.string() else ("", "")
        except BadPurl:
            continue
        if package:
            break
    found[identifier] = TreeProduct(
        id=identifier,
        name=(name or product.get("name").string())[:_CHARACTERS],
        version=(version or named)[:_CHARACTERS],
        purl=package,
    )
