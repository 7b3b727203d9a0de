"""How long an XPath expression may take at worst, so that one which would hang is refused beforehand.

libxml2 cannot be interrupted. Most steps visit each node once; steps that look up or down the whole tree from many
nodes, unions, and paths from the root inside predicates multiply. The estimate counts visits of nodes, pessimistically.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: A few seconds of work.
MAX_COST: Final = 400_000_000
#: Up: to few nodes, from which many are in reach again. Aside: to up to all nodes from each node.
_UP_AXES: Final = frozenset({"parent", "ancestor", "ancestor-or-self"})
_ASIDE_AXES: Final = frozenset({"following-sibling", "preceding-sibling", "following", "preceding"})
#: From different nodes these axes lead to different nodes.
_ONCE_AXES: Final = frozenset({"child", "self", "attribute"})
_DOWN_AXES: Final = frozenset({"descendant", "descendant-or-self", "namespace"})
_TEXT_FUNCTIONS: Final = frozenset(
    {"string", "concat", "starts-with", "contains", "substring", "substring-before", "substring-after"}
    | {"string-length", "normalize-space", "translate", "number", "sum", "id"}
)
_NODE_TESTS: Final = frozenset({"node", "text", "comment", "processing-instruction"})
_NAME: Final = re.compile(r"[^\W\d][\w.-]*")
_OPERATORS: Final = frozenset({"and", "or", "div", "mod"})
_TOKEN: Final = re.compile(
    r"""(?P<literal>"[^"]*"|'[^']*')|(?P<slashes>//|/)|(?P<union>\|)|(?P<open>\[)|(?P<close>\])|(?P<comparison>!?=|[<>]=?)
      |(?P<axis>[\w.-]+)\s*::|(?P<function>[\w.-]+)\s*\(|(?P<parent>\.\.)|(?P<name>[\w.:*@$-]+)|(?P<other>\S)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Size:
    """Of a document: its nodes, those that have children, its deepest level, its characters, elements by name."""

    nodes: int
    parents: int
    depth: int
    characters: int
    names: Mapping[str, int]


def cost(expression: str, size: Size) -> int:
    """An upper bound, roughly, for the visits of nodes that evaluating takes."""
    tokens = [(str(match.lastgroup), match[0]) for match in _TOKEN.finditer(expression)]
    total, _ = _Estimate(tokens, size).level(0, 1)
    return total


class _Estimate:
    """One pass over the tokens, predicates by recursion."""

    def __init__(self, tokens: list[tuple[str, str]], size: Size) -> None:
        self.tokens = tokens
        self.size = size

    def level(self, start: int, times: int) -> tuple[int, int]:
        """The cost of what begins at a token, evaluated `times` times, and where it ends."""
        level = _Level(self.size, times)
        position = start
        while position < len(self.tokens):
            kind, text = self.tokens[position]
            position += 1
            if kind == "close":
                break
            if kind == "open":
                level.predicate()
                inner, position = self.level(position, level.visits)
                level.total += inner
            else:
                level.add(kind, text)
            if level.total > MAX_COST:
                return level.total, len(self.tokens)
        return level.finish(), position


class _Level:
    """The paths between two brackets, evaluated `times` times.

    `visits`: nodes that the latest step reached in all. `against`: those of the sets left of a union or comparison,
    each of which is compared with each on the right.
    """

    def __init__(self, size: Size, times: int) -> None:
        self.size = size
        self.times = times
        self.total = times
        self.texts = 0
        self.literals = 0
        self.translates = 0
        self.saw_root = False
        self.joined = 0
        self._restart()

    def _restart(self) -> None:
        """A new path begins at the context node. `apart`: what the evaluations reach are different nodes."""
        self.visits = self.times
        self.apart = True
        self.many = False
        self.begun = False
        self.wide = False
        self.against = 0
        self.axis = "child"

    def add(self, kind: str, text: str) -> None:
        match kind:
            case "slashes":
                self._slash(text)
            case "axis":
                self._expand()
                self.axis = text.rstrip(": \t\r\n")
            case "parent":
                self._expand()
                self.axis = "parent"
                self._step()
            case "name":
                self._name(text)
            case "union":
                self._pair(self.against + self.visits)
            case "comparison":
                self.texts += 1
                self._pair(self.visits if self.wide else 0)
            case "function":
                self._call(text.rstrip("( \t\r\n"))
            case "literal":
                self.literals += len(text)
            case _ if text != ")":
                self.texts += text == ","
                self._restart()

    def _pair(self, left: int) -> None:
        self._restart()
        self.against = left

    def _name(self, text: str) -> None:
        if self.begun and text in _OPERATORS:
            self._restart()
        else:
            if not _NAME.fullmatch(text):
                self._expand()
            self._step(text)

    def _call(self, name: str) -> None:
        if name in _NODE_TESTS:
            self._expand()
            self._step()
            return
        self.texts += name in _TEXT_FUNCTIONS
        self.translates += name == "translate"
        self._restart()

    def _slash(self, text: str) -> None:
        if not self.many and not self.begun:
            self.saw_root, self.apart = True, False
        self.begun = False
        self.axis = "child" if text == "/" else "descendant"

    def _expand(self) -> None:
        """A `//` that libxml2 cannot join with the step behind it is a step to all nodes below."""
        if self.axis == "descendant":
            self._step()
            self.begun = False

    def predicate(self) -> None:
        """A bracket follows. Behind `//name` it keeps libxml2 from joining the two."""
        if self.joined:
            self._charge(self.joined)

    def _step(self, name: str = "*") -> None:
        axis, nodes = self.axis, self.size.nodes
        named = self._named(name, axis)
        self._charge(self.against * named)
        self.wide = self.wide or axis in _DOWN_AXES | _UP_AXES | _ASIDE_AXES
        self.apart = self.apart and axis not in _ASIDE_AXES
        reach = max(nodes, self.times) if self.apart else self.times * nodes
        if self.apart and axis in _DOWN_AXES | _UP_AXES:
            reach *= self.size.depth
        self.joined = reach * nodes if axis == "descendant" and self.many else 0
        self._charge(self._from_many(axis, reach, named) if self.many else reach)
        self.apart = self.apart and axis not in _UP_AXES
        # A predicate is evaluated for each node on the axis of each node before, met already or not.
        found = reach * (self._met_again(axis) if self.many else 1)
        once = axis in _ONCE_AXES
        self.visits = min(found, (self.times if once else self.visits) * named)
        self.axis = "child"
        self.many = self.begun = True

    def _from_many(self, axis: str, reach: int, named: int) -> int:
        """A step from many nodes: libxml2 compares each node found with all different ones found before it."""
        if axis in _ASIDE_AXES:
            return max(self.visits, self.times) * self.size.nodes * (1 + named // 6)
        if axis in _UP_AXES:
            return reach * max(self.size.parents, 1)
        if axis in _DOWN_AXES:
            return (reach + self.times * named * named // 4) * self.size.depth
        return reach

    def _named(self, name: str, axis: str) -> int:
        """How many nodes at most a node test finds."""
        if axis == "attribute" or not _NAME.fullmatch(name):
            return self.size.nodes
        return self.size.names.get(name, 0) + 1

    def _met_again(self, axis: str) -> int:
        if axis in _ASIDE_AXES:
            return self.size.nodes
        return self.size.depth if axis in _DOWN_AXES | _UP_AXES else 1

    def finish(self) -> int:
        """The cost of the level with its texts, which are gathered from below for each comparison and argument."""
        characters = self.size.characters * (self.times if self.saw_root or self.times == 1 else self.size.depth)
        self._charge(self.texts * max(characters, self.times) // 4)
        # translate() looks each character up in its second argument.
        self._charge(8 * self.translates * max(characters, self.times) * (1 + self.literals))
        return self.total + self.literals * self.times // 8

    def _charge(self, amount: int) -> None:
        self.total += max(amount, self.times)
