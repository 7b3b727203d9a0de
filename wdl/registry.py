"""The table of functions, and the one form in which a function is declared.

A declaration says the name, the parameters, Azure's words for a call with a wrong number of parameters and the
anchor of the page with its documentation. The function itself is plain Python on values::

    @function(
        "substring",
        string("its first parameter 'string' to be a string"),
        integer("its second parameter 'start index' to be an integer"),
        integer("its third parameter 'length' to be an integer", optional=True),
        arity="expects … The function was invoked with '{count}' parameter(s).",
        usage="substring",
    )
    def substring(text: str, start: int, length: int | None = None) -> str:
        if start > len(text):
            raise Fault("The template language function '{name}' parameter is out of range: …", usage="substring")
        return text[start:]

Parameters: `string`, `integer`, `number`, `boolean`, `array`, `mapping` (an object), `anything`, or `of(types, …)`
for other sets, e.g. `of((str, list), …)`. The first argument is what follows "The template language function 'x'
expects " in the message for a wrong type; "The provided value is of type 'Y'." and the page's sentence are added.
`usage=` of a parameter overrides the declaration's (`None`: no sentence, `""`: the page without an anchor);
`check=` a function of (name, value) that returns the whole `ExpressionError` for a wrong type, where the wording is
unlike the others. `optional=True` parameters come last; `rest=True` makes the last one repeat.

`arity` is what follows "The template language function '{name}' "; the page's sentence is added. When it starts with
"The " or another capital it is the whole message. It is only used when the count of arguments is wrong.

Keywords of `function`: `lazy=True`: the function gets `(context, arguments)` where `arguments` is a tuple of
`Bound`, i.e. functions of the context that evaluate one argument each; parameters are not checked but counted.
`needs_context=True`: the context comes before the arguments. `reference=True`: the function refers to the run
(actions, triggers, …) and is not allowed in an object condition. `grows=True`: a text longer than
`wdl.limits.MAX_TEXT` can result; it is then refused. `documentation=` the anchor of Microsoft's reference page, if
it is not the name in lower case.

Functions say what is wrong by raising `wdl.errors.Fault(template, usage=…, **fields)` (`{name}` is filled in), or
`ExpressionError` for a final text. They must not raise anything else whatever the values are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib import import_module
from typing import Any, Final, TypeAlias, TypeVar

from wdl.context import Context
from wdl.errors import ExpressionError, usage_sentence
from wdl.limits import MAX_TEXT
from wdl.values import VALUE_TYPES, Value, type_name

Bound: TypeAlias = Callable[[Context], Value]
"""A compiled piece of an expression."""

_DEFAULT: Final = "\0"
_F = TypeVar("_F", bound=Callable[..., Any])

REFERENCE_PAGE: Final = "https://learn.microsoft.com/azure/logic-apps/expression-functions-reference"
MODULES: Final = (
    "strings",
    "collections",
    "logic",
    "conversion",
    "encodings",
    "math",
    "objects",
    "references",
    "uris",
    "dates",
    "formats",
    "times",
    "xml",
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: the Python types it accepts (None: any) and the words for what it expects."""

    accepts: frozenset[type] | None
    wording: str
    usage: str | None = _DEFAULT
    optional: bool = False
    rest: bool = False
    check: Callable[[str, Value], ExpressionError] | None = None

    def mismatch(self, name: str, value: Value, usage: str | None) -> ExpressionError:
        """The error for `value` given to this parameter in a call of `name`."""
        if self.check is not None:
            return self.check(name, value)
        message = (
            f"The template language function '{name}' expects {self.wording}. "
            f"The provided value is of type '{type_name(value)}'."
        )
        return ExpressionError(message + usage_sentence(usage if self.usage is _DEFAULT else self.usage))


@dataclass(frozen=True, slots=True)
class Declaration:
    """A function as registered."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    arity: str
    usage: str | None
    lazy: bool = False
    needs_context: bool = False
    reference: bool = False
    grows: bool = False
    documentation: str = ""

    at_least: int = field(init=False)
    """The smallest allowed number of arguments."""
    at_most: int | None = field(init=False)
    """The largest allowed number of arguments; None when the last parameter repeats."""
    _plans: dict[int, tuple[frozenset[type], ...]] = field(init=False, default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        rest = bool(self.parameters) and self.parameters[-1].rest
        object.__setattr__(self, "at_least", sum(not parameter.optional for parameter in self.parameters))
        object.__setattr__(self, "at_most", None if rest else len(self.parameters))

    def accepts_count(self, count: int) -> bool:
        """Whether a call may have `count` arguments."""
        return count >= self.at_least and (self.at_most is None or count <= self.at_most)

    def accepted(self, count: int) -> tuple[frozenset[type], ...]:
        """The Python types accepted for each of `count` arguments."""
        plan = self._plans.get(count)
        if plan is None:
            plan = tuple(parameter.accepts or VALUE_TYPES for parameter in self.for_count(count))
            self._plans[count] = plan
        return plan

    def for_count(self, count: int) -> tuple[Parameter, ...]:
        """The parameters matching `count` arguments, the last one repeated where it may."""
        extra = count - len(self.parameters)
        return self.parameters[:count] if extra <= 0 else self.parameters + self.parameters[-1:] * extra

    def mismatch(self, name: str, values: Sequence[Value]) -> ExpressionError:
        """The error for a call of `name` in which the kind of an argument is wrong."""
        pairs = zip(self.for_count(len(values)), values, strict=True)
        parameter, value = next(pair for pair in pairs if pair[0].accepts and type(pair[1]) not in pair[0].accepts)
        return parameter.mismatch(name, value, self.usage)

    def arity_error(self, name: str, count: int) -> ExpressionError:
        """The error for a call written `name` with `count` arguments."""
        message = self.arity.format(name=name, count=count)
        if not message[:1].isupper():
            message = f"The template language function '{name}' {message}"
        return ExpressionError(message + usage_sentence(self.usage))


def of(
    types: Iterable[type] | None,
    wording: str = "",
    *,
    usage: str | None = _DEFAULT,
    optional: bool = False,
    rest: bool = False,
    check: Callable[[str, Value], ExpressionError] | None = None,
) -> Parameter:
    """A parameter that accepts exactly these Python types."""
    accepts = None if types is None else frozenset(types)
    return Parameter(accepts, wording, usage, optional, rest, check)


def string(wording: str, **options: Any) -> Parameter:
    """A parameter that accepts a String."""
    return of((str,), wording, **options)


def integer(wording: str, **options: Any) -> Parameter:
    """A parameter that accepts an Integer."""
    return of((int,), wording, **options)


def number(wording: str, **options: Any) -> Parameter:
    """A parameter that accepts an Integer or a Float."""
    return of((int, float, Decimal), wording, **options)


def boolean(wording: str, **options: Any) -> Parameter:
    """A parameter that accepts a Boolean."""
    return of((bool,), wording, **options)


def array(wording: str, **options: Any) -> Parameter:
    """A parameter that accepts an Array."""
    return of((list,), wording, **options)


def mapping(wording: str, **options: Any) -> Parameter:
    """A parameter that accepts an Object."""
    return of((dict,), wording, **options)


def anything(**options: Any) -> Parameter:
    """A parameter that accepts every value."""
    return of(None, "", **options)


_FUNCTIONS: Final[dict[str, Declaration]] = {}
NO_ARITY: Final = "The provided parameters for template language function '{name}' are not valid."


def invalid_parameters(name: str, _: Value) -> ExpressionError:
    """The `check=` of functions that name neither the parameter nor its type."""
    return ExpressionError(NO_ARITY.format(name=name))


def too_long(name: str) -> ExpressionError:
    """The error for a text beyond the bound of the service."""
    return ExpressionError(
        f"The template language function '{name}' produced a text longer than '{MAX_TEXT}' characters."
    )


def function(
    name: str,
    *parameters: Parameter,
    arity: str = NO_ARITY,
    usage: str | None = None,
    lazy: bool = False,
    needs_context: bool = False,
    reference: bool = False,
    grows: bool = False,
    documentation: str = "",
) -> Callable[[_F], _F]:
    """Register the decorated Python function under `name`; see the module's text for the form."""

    def register(implementation: _F) -> _F:
        key = name.lower()
        if key in _FUNCTIONS:
            raise ValueError(f"The function '{name}' is declared twice.")
        _FUNCTIONS[key] = Declaration(
            name, implementation, parameters, arity, usage, lazy, needs_context, reference, grows,
            documentation or key,
        )  # fmt: skip
        return implementation

    return register


def alias(name: str, of_name: str) -> None:
    """Register `name` as another spelling of the declared function `of_name`."""
    _FUNCTIONS[name.lower()] = replace(_FUNCTIONS[of_name.lower()], name=name, documentation=name.lower())


def declarations() -> dict[str, Declaration]:
    """All functions, by lower-case name."""
    _load()
    return _FUNCTIONS


def find(name: str) -> Declaration | None:
    """The function called `name` in any case, or None."""
    if not _loaded:
        _load()
    return _FUNCTIONS.get(name.lower())


_loaded: list[bool] = []


def _load() -> None:
    # The modules of functions import this one to register themselves; hence they are loaded on first use.
    if _loaded:
        return
    _loaded.append(True)
    for module in MODULES:
        try:
            import_module(f"wdl.functions.{module}")
        except ModuleNotFoundError as error:
            if error.name != f"wdl.functions.{module}":
                raise
