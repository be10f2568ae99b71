"""HTML of a theme's listing of posts -> posts, and the way to older ones."""

from collections.abc import Iterator
from typing import Final

from tests.fuzz.pages import HOME, holds
from tests.fuzz.target import PROJECT, Target


def check(data: bytes) -> None:
    """Read it as the home page of WordPress."""
    holds(data, "text/html", HOME)


def seeds() -> Iterator[bytes]:
    """Yield recorded pages of two themes, and a small one."""
    for path in sorted((PROJECT / "tests" / "layouts" / "wordpress").glob("twenty*-[13].html")):
        yield path.read_bytes()
    yield (
        b"<meta name=generator content='WordPress 6'><article class='post-7 type-post hentry category-a'>"
        b"<h2 class=entry-title><a href=/2024/06/water/>Water</a></h2><time datetime='2024-06-14T12:00:00+01:00'>"
        b"</time><div class=entry-content><p>It rained.</p></div><a rel='category tag' href=/c/>News</a></article>"
        b"<a class=next rel=next href=/page/2/>Older</a>"
    )


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(
            b"<meta name=generator content=WordPress>",
            b"<article class='post-7 type-post hentry category-a'>",
            b"</article>",
        ),
        *(
            b"<div id=post-8 class=post>",
            b"</div>",
            b"<h2 class=entry-title>",
            b"</h2>",
            b"<a href=/x>",
            b"<a href='http://[/'>",
        ),
        *(
            b"</a>",
            b"<p>",
            b"<div class=entry-content>",
            b"<div class=post-password-form>",
            b"<ul class=wp-block-post-template>",
        ),
        *(
            b"<li class='wp-block-post post-9'>",
            b"<time class=updated datetime='2024-06-14T12:00:00+01:00'>",
            b"</time>",
        ),
        *(
            b"<time datetime='0001-01-01'>",
            b"<base href='http://[/'>",
            b"<a rel=next href=/page/2/>",
            b"<body class=single>",
        ),
        *(
            b"Protected: ",
            b"Read more",
            b"<footer>",
            b"<a rel='category tag' href=/c/>",
            b"&#1;",
            b"<template>",
            b"<svg>",
        ),
    ],
    longest=8192,
)
