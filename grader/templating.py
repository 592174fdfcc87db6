"""The one place that lays out text with jinja2."""

from typing import Any

from grader import paths


def render(template: str, **fields: Any) -> str:
    """Fill templates/<template>; an unknown field is an error, never an empty text."""
    import jinja2  # only here: most commands lay nothing out, and it takes a while to load

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.templates()),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        autoescape=jinja2.select_autoescape(["html.jinja"]),
    )
    return environment.get_template(template).render(**fields)
