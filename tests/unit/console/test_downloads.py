"""The SQL of a view as a file: what is made of it above, the values of its parameters in front."""

from analytics.console.downloads import FileFormat, declared, sql_files


def test_texts_of_a_list_are_quoted_and_its_numbers_are_not() -> None:
    sql = "SELECT {items:Array(String)}, {bands:Array(Int32)}, {item:String}"
    told = {"items": ["it's", "a\\b"], "bands": [0, 30], "item": "it's", "unused": 1}
    assert declared(sql, told).splitlines() == [
        r"SET param_items = '[\'it\\\'s\', \'a\\\\b\']';",
        "SET param_bands = '[0, 30]';",
        r"SET param_item = 'it\'s';",
    ]


def test_one_question_stands_once_for_each_of_its_values() -> None:
    answer = sql_files([("return_rate", {"within": days}) for days in (30, 90)], "shares", about="Two\nof them.")
    text = bytes(answer.body).decode()
    assert text.startswith("-- Two\n-- of them.\n-- return_rate.sql\nSET param_within = '30';\n")
    assert [line for line in text.splitlines() if line.startswith("SET ")] == [
        "SET param_within = '30';", "SET param_within = '90';",
    ]  # fmt: skip
    assert answer.media_type == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].endswith(f"shares.{FileFormat.SQL}")
