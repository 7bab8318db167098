"""Which passwords may be chosen."""

import pytest

from docaxis.domain.passwords import Weakness, weakness

OWN = ("ha.ntt", "Nguyễn Thị Thu Hà", "docaxis")


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("con ngựa đúng pin ghim", None),
        ("xK9$mm2pLq0z", None),
        ("密码密码很长的密码一二三", None),
        ("ha.ntt thích ăn phở bò", None),
        ("Hà Nội không vội được đâu", None),
        ("mười một ký", Weakness.SHORT),
        ("", Weakness.SHORT),
        ("x" * 201, Weakness.LONG),
        ("aaaaaaaaaaaaa", Weakness.COMMON),
        ("!!!!!!!!!!!!!!", Weakness.COMMON),
        ("123456789012", Weakness.COMMON),
        ("abcabcabcabc", Weakness.COMMON),
        ("password1234", Weakness.COMMON),
        ("P@ssw0rd2026!!", Weakness.COMMON),
        ("Matkhau@12345", Weakness.COMMON),
        ("Mật khẩu 2026", Weakness.COMMON),
        ("qwertyuiop12", Weakness.COMMON),
        ("admin12345678901", Weakness.COMMON),
        ("vietnamvodich2026", Weakness.COMMON),
        ("ha.ntt20262026", Weakness.OWN),
        ("NguyenThiThuHa1", Weakness.OWN),
    ],
)
def test_passwords(password: str, expected: Weakness | None) -> None:
    assert weakness(password, OWN) is expected
