"""The parts of one printed block: title, date, picture, text, links. HTML in lower case, every tag closed."""

import html
from zlib import crc32

from .blocks import MEMBER, Block, Chrome

READ_MORE = ("Read more", "Read more...", "More »", "[more]", "Full story", "Read more >")
"""What the link to the whole story says, by turns."""

_HARMLESS = '<img src="images/line.gif" width="120" height="4" alt="">'


def number(block: Block) -> int:
    """Return a small number that is the block's own in every run."""
    return crc32(f"{block.title}\n{block.summary}".encode()) % 10_000


def attribute(text: str) -> str:
    """Return ``text`` as it stands between double quotes."""
    return html.escape(text, quote=True)


def flow(text: str, chrome: Chrome) -> str:
    """Return one line of text; with noise, wrapped in the source, which no reader of the page sees."""
    words = [html.escape(word, quote=False) for word in text.split(" ")]
    if not chrome.noise:
        return " ".join(words)
    return "\n\t\t  ".join(" ".join(words[at : at + 9]) for at in range(0, len(words), 9))


def element(tag: str, content: str, name: str = "") -> str:
    """Return ``content`` in an element, nothing for nothing."""
    named = f' class="{name}"' if name else ""
    return f"<{tag}{named}>{content}</{tag}>" if content else ""


def link(href: str | None, content: str) -> str:
    """Return ``content``, linked where there is something to link to."""
    return f'<a href="{attribute(href)}">{content}</a>' if href else content


def title(block: Block, chrome: Chrome, strong: str = "") -> str:
    """Return the title, linked as the chrome says; ``strong``: the tag that makes it stand out when it is not."""
    words = flow(block.title, chrome)
    if block.href and chrome.title_linked:
        return link(block.href, words)
    anchored = f'<a name="n{number(block)}">{words}</a>' if chrome.noise else words
    return element(strong, anchored) if strong else anchored


def date(block: Block, chrome: Chrome) -> str:
    """Return the dateline, or nothing; with noise, held together by no-break spaces."""
    return html.escape(block.dateline or "").replace(" ", "&nbsp;" if chrome.noise else " ")


def picture(block: Block, chrome: Chrome) -> str:
    """Return the entry's picture with its caption, as the chrome has captions; nothing when it has none."""
    if chrome.caption == "none":
        return ""
    if block.caption is None:
        return _HARMLESS if chrome.noise and block.section != "boilerplate" else ""
    words = flow(block.caption, chrome)
    alt = block.caption if chrome.caption_as in {"alt", "small-in-div"} else ""
    image = f'<img src="images/{number(block)}.jpg" width="120" height="90" alt="{attribute(alt)}">'
    if chrome.noise and chrome.title_linked:
        image = link(block.href, image)
    match chrome.caption_as:
        case "alt":
            return image
        case "figcaption":
            return f"<figure>{image}<figcaption>{words}</figcaption></figure>"
        case "small-in-div":
            return f'<div class="photo">{image}<br><small>{words}</small></div>'
        case "small-in-table":
            return (
                f'<table align="right" width="120"><tr><td>{image}</td></tr>'
                f'<tr><td><font size="1">{words}</font></td></tr></table>'
            )
        case "paragraph":
            return f'<p class="caption">{image}<br>{words}</p>'


def head(block: Block, chrome: Chrome, title_html: str, date_html: str) -> str:
    """Return picture, title and date in the chrome's order. A picture never comes between title and date."""
    pair = date_html + title_html if chrome.date == "before" else title_html + date_html
    image = picture(block, chrome)
    return {"before-title": image + pair, "after-title": pair + image}.get(chrome.caption, pair)


def before(block: Block, chrome: Chrome) -> str:
    """Return the picture, if it comes before the title."""
    return picture(block, chrome) if chrome.caption == "before-title" else ""


def after(block: Block, chrome: Chrome) -> str:
    """Return the picture, if it comes after the title."""
    return picture(block, chrome) if chrome.caption == "after-title" else ""


def text(block: Block, chrome: Chrome, lead: str = "", strong: str = "") -> str:
    """Return the running text, in paragraphs as the chrome has them.

    :param lead: what stands at the start of the first paragraph.
    :param strong: tag that sets off the first paragraph.
    """
    ahead = ""
    if chrome.caption == "in-summary":
        image = picture(block, chrome)
        if image.startswith(("<img", "<a ")):
            lead += image + " "
        elif chrome.caption_as == "paragraph":
            lead += (
                image.removeprefix('<p class="caption">').replace("<br>", "<br><small>").replace("</p>", "</small><br>")
            )
        else:
            ahead = image
    printed = [_paragraph(part, chrome) for part in block.summary.split("\n\n") if part]
    if strong and printed and not printed[0].startswith("<ul"):
        printed[0] = element(strong, printed[0])
    if lead and printed and not printed[0].startswith("<ul"):
        printed[0] = lead + printed[0]
    elif lead:
        printed.insert(0, lead)
    if chrome.read_more == "inline" and block.href:
        more = f" {_more(block)}"
        if printed and not printed[-1].startswith("<ul"):
            printed[-1] += more
        else:
            printed.append(more)
    return ahead + _joined(printed, chrome)


def _paragraph(part: str, chrome: Chrome) -> str:
    lines = part.split("\n")
    if all(line.startswith("- ") for line in lines):
        return f"<ul>{''.join(element('li', flow(line.removeprefix('- '), chrome)) for line in lines)}</ul>"
    return "<br>".join(link("join.php", line) if line == MEMBER else flow(line, chrome) for line in lines)


def _joined(printed: list[str], chrome: Chrome) -> str:
    if chrome.paragraphs != "br":
        return "".join(part if part.startswith("<ul") else element(chrome.paragraphs, part) for part in printed)
    joined = "<br><br>".join(printed)
    return joined.replace("<br><br><ul>", "<ul>").replace("</ul><br><br>", "</ul>")


def ending(block: Block, chrome: Chrome) -> str:
    """Return what follows the text: the link to the whole story, print and e-mail links, empty paragraphs."""
    printed = ""
    if block.href and chrome.read_more in {"paragraph", "image"}:
        printed = f"<br>{_more(block)}" if chrome.paragraphs == "br" else element("p", _more(block), "more")
        if chrome.read_more == "image":
            icon = '<img src="images/more.gif" alt="Read more" border="0">'
            printed = element("div", link(block.href, icon), "icon")
    if chrome.noise and block.section != "boilerplate":
        printed += (
            f'<p class="tools"><a href="print.php?id={number(block)}"><img src="images/print.gif" alt="Print"></a> '
            f'<a href="print.php?id={number(block)}">Print this page</a> | '
            f'<a href="mailto:?subject=Peru">E-mail this page</a></p><p>&nbsp;</p><!-- end of item -->'
        )
    return printed


def more_words(block: Block) -> str:
    """Return the words of the link to the whole story."""
    return html.escape(READ_MORE[number(block) % len(READ_MORE)])


def _more(block: Block) -> str:
    return link(block.href, more_words(block))


def body(block: Block, chrome: Chrome, lead: str = "", strong: str = "") -> str:
    """Return the running text and what follows it."""
    return text(block, chrome, lead, strong) + ending(block, chrome)


def parity(chrome: Chrome, place: int) -> str:
    """Return the class of every second item, where the page is noisy."""
    return (' class="odd"', ' class="even"')[place % 2] if chrome.noise else ""
