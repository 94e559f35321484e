"""Values that a JSON Schema allows, and values that it may not, for hypothesis: as much of it as our OpenAPI uses."""

from hypothesis import strategies as st

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def allowed(schema):
    """What fits `schema`."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return st.one_of([_of_kind(kind, schema) for kind in kinds]) if kinds else ANYTHING


def _of_kind(kind, schema):
    match kind:
        case "number":
            low, high = schema.get("minimum", -1e6), schema.get("maximum", 1e6)
            return st.floats(low, high, allow_nan=False)
        case "integer":
            return st.integers(schema.get("minimum", -1000), schema.get("maximum", 1000))
        case "boolean":
            return st.booleans()
        case "string":
            return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 40))
        case "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 4)
            return st.lists(allowed(schema.get("items", {})), min_size=least, max_size=most)
        case "object":
            properties = {name: allowed(inner) for name, inner in schema.get("properties", {}).items()}
            needed = {name: properties.pop(name) for name in schema.get("required", [])}
            return st.fixed_dictionaries(needed, optional=properties)
    raise AssertionError(f"{kind}: of this our OpenAPI knew nothing when this was written")


def fits(value, schema):
    """Whether `value` is what `schema` allows."""
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return not kinds or any(_is_kind(value, kind, schema) for kind in kinds)


def _is_kind(value, kind, schema):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "number" | "integer":
            is_whole = kind == "number" or (is_number and value == int(value))
            return is_number and is_whole and schema.get("minimum", value) <= value <= schema.get("maximum", value)
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list) and all(fits(item, schema.get("items", {})) for item in value)
        case "object":
            properties = schema.get("properties", {})
            return (
                isinstance(value, dict)
                and set(schema.get("required", ())) <= value.keys()
                and all(fits(inner, properties.get(name, {})) for name, inner in value.items())
            )
    return False
