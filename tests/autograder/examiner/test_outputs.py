"""Outputs of cells within bounds."""

from autograder.examiner.outputs import Bounds, CellOutputs, Spent, error_output


def shown(*messages, bounds=None):
    """Return the outputs and the words of a flood."""
    outputs = CellOutputs(bounds or Bounds(), Spent())
    for kind, content in messages:
        outputs.take(kind, content, len(str(content)))
    return outputs.finished(), outputs.flooded


def text(words, name="stdout"):
    """Return a message of printed text."""
    return "stream", {"name": name, "text": words}


def test_printed_text_is_joined():
    """Does text that follows text become one output?"""
    outputs, flooded = shown(text("a"), text("b"), text("c", "stderr"), text("d"))

    assert flooded == ""
    assert [(one["name"], one["text"]) for one in outputs] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_flood_of_bytes_ends_the_cell():
    """Are the first outputs kept, and the rest not?"""
    outputs, flooded = shown(text("a"), text("b" * 2**20), text("c"), bounds=Bounds(cell=2**20))

    assert (outputs[0]["text"], flooded) == ("a", "it shows more than 1 MiB")


def test_flood_of_messages_ends_the_cell():
    """Are messages counted that show nothing?"""
    _, flooded = shown(*[("comm_msg", {})] * 4, bounds=Bounds(messages=3))

    assert flooded == "it sends more than 3 messages"


def test_update_changes_what_was_shown():
    """Is a display replaced by its update?"""
    name = {"display_id": "x"}
    outputs, _ = shown(
        ("display_data", {"data": {"text/plain": "old"}, "metadata": {}, "transient": name}),
        ("update_display_data", {"data": {"text/plain": "new"}, "metadata": {}, "transient": name}),
    )

    assert outputs == [
        {"output_type": "display_data", "data": {"text/plain": "new"}, "metadata": {}}
    ]


def test_clear_output_waits_for_the_next():
    """Does a cleared cell show only what comes after?"""
    outputs, _ = shown(text("old"), ("clear_output", {"wait": True}), text("new"))

    assert [one["text"] for one in outputs] == ["new"]


def test_forged_messages_do_no_harm():
    """Is content of the wrong type left out or made text?"""
    outputs, _ = shown(
        ("display_data", {"data": 7}),
        ("display_data", {"data": {"text/plain": ["a"]}, "metadata": 3}),
        ("error", {"ename": 1, "traceback": 2}),
    )

    assert outputs == [
        {"output_type": "display_data", "data": {}, "metadata": {}},
        {"output_type": "error", "ename": "1", "evalue": "", "traceback": []},
    ]


def test_error_in_words_has_no_source():
    """Does an error of the grader's consist of its message?"""
    assert error_output("Timeout", "too slow")["traceback"] == ["Timeout: too slow"]
