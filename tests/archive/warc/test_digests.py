import pytest

from psgcrawl.archive.warc.digests import agrees, labelled, name_of

# The SHA-1 and the SHA-256 of "abc" are the first examples of FIPS 180-4.
SHA1 = "a9993e364706816aba3e25717850c26c9cd0d89d"
SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_digest_is_labelled_as_cdx_indexes_have_it() -> None:
    assert labelled(b"abc") == "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"


@pytest.mark.parametrize(
    "digest",
    [
        pytest.param("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", id="as most write it"),
        pytest.param("SHA1:vgmt4nsha2awvor6evyxqugcnsonbwe5", id="in the other case"),
        pytest.param(f"sha1:{SHA1}", id="hexadecimal"),
        pytest.param(f"sha-1:{SHA1.upper()}", id="hexadecimal, upper case, the name with a hyphen"),
        pytest.param(f"sha256:{SHA256}", id="SHA-256, as browsers' archives have it"),
        pytest.param("sha-256:XJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFUCD7WD4QACWWQ====", id="SHA-256, base 32, padded"),
        pytest.param("sha256:XJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFUCD7WD4QACWWQ", id="SHA-256, not padded"),
        pytest.param(f"  sha1:{SHA1} ", id="white space around it"),
    ],
)
def test_a_digest_agrees_however_it_is_written(digest: str) -> None:
    assert agrees(digest, b"abc") is True
    assert agrees(digest, b"abd") is False


@pytest.mark.parametrize("digest", ["sha1:", "sha1", f"sha256:{SHA1}", f"sha1:{SHA1[:-1]}", f"sha1:{SHA1}0", "sha1:é"])
def test_what_is_no_digest_of_its_algorithm_does_not_agree(digest: str) -> None:
    assert agrees(digest, b"abc") is False


@pytest.mark.parametrize("digest", ["", "md5:900150983cd24fb0d6963f7d28e17f72", "blake3:0", SHA1])
def test_of_an_unknown_algorithm_nothing_is_said(digest: str) -> None:
    assert agrees(digest, b"abc") is None


def test_data_without_address_are_named_by_their_digest() -> None:
    # RFC 6920, section 8.1, has this example.
    assert name_of(b"Hello World!") == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
