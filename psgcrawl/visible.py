"""Text of others, where a person reads it: in messages, logs and what commands print."""


def visible(text: str) -> str:
    r"""Return ``text`` with every character that a terminal would obey or hide as an escape.

    Controls, direction marks, surrogates, what is no character: names of files and pages
    of others hold anything.

    >>> print(visible("a\nERROR: \x1b[31mb\u202ec"))
    a\nERROR: \x1b[31mb\u202ec
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
