from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from docaxis.local.postgres import PrivatePostgres, fetch_postgres
from docaxis.local.service import ServiceError
from tests.services import DOWNLOADS, needed

pytestmark = pytest.mark.postgres


async def answer(url: str, statement: str) -> object:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return (await connection.execute(text(statement))).scalar()
    finally:
        await engine.dispose()


async def test_each_test_has_an_empty_database(postgres_dsn: str):
    assert await answer(postgres_dsn, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert await answer(postgres_dsn, "SHOW server_encoding") == "UTF8"


async def test_database_url_is_answered_by_both_kinds(database_url: str):
    assert await answer(database_url, "SELECT 1") == 1


def test_a_name_that_is_not_plain_is_refused(postgres: PrivatePostgres):
    with pytest.raises(ValueError, match="not a plain"):
        postgres.create_database('x"; DROP')


def test_the_server_s_own_words_are_in_the_error(postgres: PrivatePostgres):
    with pytest.raises(ServiceError, match="no_such_table"):
        postgres.sql("SELECT * FROM no_such_table")


@pytest.mark.slow
async def test_debian_s_packages_serve_in_a_path_with_space_and_diacritics_and_survive_sigkill(tmp_path: Path):
    programs = needed("PostgreSQL", lambda: fetch_postgres(DOWNLOADS))
    server = PrivatePostgres(tmp_path / "kho dữ liệu", programs=programs)
    server.start()
    try:
        server.sql("CREATE TABLE kept AS SELECT 7 AS n")
        server.kill()
        server.start()

        assert await answer(server.dsn, "SELECT n FROM kept") == 7
    finally:
        server.stop()
    assert not server.running
