import pytest

from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", list(Reason))
def test_every_code_has_a_sentence_with_and_without_facts(code, language):
    bare = sentence(code, language)
    assert bare.endswith(".")
    assert "{" not in bare
    assert "()" not in bare
    assert " ." not in bare
    assert "  " not in bare


def test_a_senders_braces_are_only_text():
    assert "{0.__class__}" in sentence(Reason.PKG_VALUE, "vi", "{0.__class__}")


def test_no_sentence_is_used_twice():
    for language in ("vi", "en"):
        assert len({sentence(code, language) for code in Reason}) == len(Reason)
