"""Tests of what a step of nbgrader works on, where there is nothing to work on."""

import pytest
from nbformat import v4

from autograder.plugins import GradeInRooms, PluginError, RebuildNotebook, SaveRecord

NAMES = {"nbgrader": {"assignment": "ps1", "student": "ada", "notebook": "ps1"}}


@pytest.mark.parametrize("step", [GradeInRooms, RebuildNotebook, SaveRecord])
def test_step_outside_of_autograde_says_where_it_belongs(step):
    """Does the error name the step and the setting?"""
    with pytest.raises(PluginError, match=rf"{step.__name__}: .*c\.Autograde"):
        step().preprocess(v4.new_notebook(), {})


def test_step_without_a_converter_says_where_to_name_it():
    """Does nothing happen where nobody knows the course?"""
    with pytest.raises(PluginError, match=r"no converter of nbgrader.*nbgrader_config\.py"):
        GradeInRooms().preprocess(v4.new_notebook(), NAMES)


def test_options_are_named_in_nbgraders_own_help():
    """Do all settings say what they are for?"""
    for step in (GradeInRooms, RebuildNotebook, SaveRecord):
        assert all(trait.help for trait in step.class_own_traits(config=True).values())
    assert "How rooms are walled" in GradeInRooms.class_get_help()
