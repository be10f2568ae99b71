"""``python -m tests.script TEXT WORDS``: what ``python -c TEXT WORDS`` does, in a module, which can be forked.

For programs of which it does not matter what is imported before them.
"""

import sys

if __name__ == "__main__":
    text = sys.argv.pop(1)
    sys.argv[0] = "-c"
    exec(compile(text, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - it is the test's own
