"""Tests of autograder.feedback: pages tell in words, show no hidden test, and fit a phone."""

import html
import re
import shutil

import pytest
from bs4 import BeautifulSoup
from nbgrader.converters import GenerateFeedback

from autograder.feedback import FeedbackError, write_feedback
from autograder.feedback_page import histogram, offline
from autograder.grading import Options, grade
from autograder.nbgrader_step import run_step
from tests.autograder.graded_course import RIGHT, SECRETS, hand_in, make_course, make_handin

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MATHJAX = "latest.js?config=TeX-AMS_CHTML-full,Safe"
CLASS = tuple(f"sample-{number:02}" for number in range(1, 6))
#: What a curious student adds: every way to see what the kernel was asked before.
CURIOUS = (
    "print(In)",
    "In[3:30]",
    "print(list(get_ipython().history_manager.input_hist_raw))",
    "import inspect, sys\nfor source in In:\n    print(source[::1], file=sys.stderr)",
    "from IPython.display import HTML, Markdown, display\n"
    "import html\n"
    "display(HTML('<pre>' + html.escape('\\n'.join(In)).replace(' ', '<i> </i>') + '</pre>'))\n"
    "display(HTML('<!-- ' + '\\n'.join(In) + ' -->'))\n"
    "display(Markdown('```\\n' + '\\n'.join(In) + '\\n```'))",
    "for letter in '\\n'.join(In):\n    print(letter, end='', flush=True)",
    "print(open('practical1.ipynb').read())",
    "open('found.txt', 'w').write('\\n'.join(In))",
    "raise ValueError('\\n'.join(In))",
    "display({'image/png': 'iVBORw0KGgo='}, raw=True, metadata={'alt': '\\n'.join(In)})",
    "display({'application/vnd.cmp784.check+json':"
    " {'title': 'x', 'status': 'passed', 'message': '\\n'.join(In)}, 'text/plain': 'x'}, raw=True)",
)
SPIES = {
    "A1-answer": "def double(x):\n    print(In[-1])\n    return 2 * x if x < 10 else 0",
    "A2-answer": "import sys\ndef square(x):\n    raise KeyError(open('practical1.ipynb').read())",
    "B1-answer": "def half(x):\n    import sys\n"
    "    sys.stderr.write(In[-1])\n    raise ValueError(In[-1])",
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Grade a class: right and late, wrong, curious, empty, and one with all kinds of output."""
    workspace = make_course(tmp_path_factory.mktemp("class"))
    small = {"A1-answer": "def double(x):\n    return 2 * x if x < 10 else 0"}
    loud = (
        "from IPython.display import HTML, display\n"
        "display(HTML('<script>go()</script>'))\n"
        "display(HTML('<img src=https://example.com/a.png alt=\"A cat\">'))\n"
        "display(HTML('<table><tr>' + '<td>12345</td>' * 40))\nprint('long' * 200)\n"
        "display({'image/png': 'iVBORw0KGgo=', 'text/plain': 'x'}, raw=True, "
        "metadata={'alt': 'A red line'})",
    )
    hand_in(workspace, CLASS[0], make_handin(workspace), at="2024-10-30 12:00:00 UTC")
    hand_in(workspace, CLASS[1], make_handin(workspace, RIGHT | small))
    hand_in(workspace, CLASS[2], make_handin(workspace, RIGHT | SPIES, extra=CURIOUS))
    hand_in(workspace, CLASS[3], make_handin(workspace, {}))
    hand_in(workspace, CLASS[4], make_handin(workspace, extra=loud))
    options = Options(workers=1, isolation="none")
    assert len(grade(workspace, "practical1", options=options).graded) == len(CLASS)
    with workspace.gradebook() as gradebook:
        gradebook.find_grade("G1", "practical1", "practical1", CLASS[0]).manual_score = 4.0
        note = gradebook.find_comment("G1", "practical1", "practical1", CLASS[0])
        note.manual_comment = "Say **why** it is straight."
        gradebook.db.commit()
    return workspace


@pytest.fixture(scope="module")
def pages(course):
    """Write the pages, once; gives student to page."""
    done = write_feedback(course, "practical1", histogram=True)
    assert done.written == CLASS
    return {student: page_of(course, student).read_text() for student in CLASS}


def page_of(course, student):
    """Give the path of a page."""
    return course.folder("feedback", "practical1", student) / "practical1.html"


def words_of(page):
    """Give what a page says, in one line."""
    body = re.sub(r"<style.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", body)))


def squeezed(text):
    """Take away what does not matter when code is searched for."""
    return re.sub(r"[\s\\'\"]", "", html.unescape(text))


def assert_nothing_leaks(page):
    """Search for each hidden line in the page as it is, and in what is left without markup."""
    for text in (page, re.sub(r"<[^>]*>", "", page), re.sub(r"<[^>]*>", "", html.unescape(page))):
        leaks = [secret for secret in SECRETS if squeezed(secret) in squeezed(text)]
        assert leaks == []


def test_hidden_tests_are_on_no_page(pages):
    """Not in source, outputs, tracebacks, attributes or comments, however hard one looks."""
    for page in pages.values():
        assert_nothing_leaks(page)
    # Nothing had to be left out: hidden tests never were where the student's code looked.
    assert "repeats lines of hidden tests" not in words_of(pages[CLASS[2]])


def test_nothing_but_the_page_is_given_to_a_student(course, pages):
    """What a hand-in wrote beside its notebook while it ran has stayed in its room."""
    folder = course.folder("feedback", "practical1", CLASS[2])

    assert not (course.folder("autograded", "practical1", CLASS[2]) / "found.txt").exists()
    assert [path.name for path in folder.iterdir()] == ["practical1.html"]


def test_late_page_tells_points_slip_days_and_penalty(pages):
    """Six days late: five slip days, and one day to pay."""
    words = words_of(pages[CLASS[0]])

    assert "Practical 1 10.4 of 14 points Handed in 6 days late: 5 slip days used" in words
    assert (
        "and 1 day that no slip day covers. Slip days used in this course so far: 5 of 5." in words
    )
    assert "Taken off for being late: 2.6 of 13 points." in words


def test_page_tells_points_by_question_and_failed_checks_in_words(pages):
    """Letters are headed as the notebook heads them."""
    words = words_of(pages[CLASS[1]])

    assert "A. Functions of one number 4 / 7 A1 twice 0 / 3 ✗ A1: twice, large: not yet" in words
    assert "double(10**6): the value is wrong. Yours is 0, expected is 2000000." in words
    assert "A2 squared 4 / 4 B. Without checks 2 / 2 B1 One half 2 / 2" in words


def test_points_that_wait_for_a_person_are_pending_and_no_zero(pages):
    """Handed in on time, not yet read."""
    words = words_of(pages[CLASS[1]])

    assert "6 of 14 points so far 5 of these points are pending: a person will give them" in words
    assert "G. In words pending / 5 G1 pending / 5" in words


def test_comment_is_rendered_where_it_belongs_and_in_front(pages):
    """Markdown of the instructor."""
    assert pages[CLASS[0]].count("Say <strong>why</strong> it is straight.") == 2


def test_empty_hand_in_is_told_what_was_not_answered(pages):
    """Kind, and without a traceback."""
    words = words_of(pages[CLASS[3]])

    assert "G. In words 0 / 5 G1 0 / 5 ○ not answered yet" in words
    assert words.count("not answered yet") >= 3
    assert "Traceback" not in words
    assert "No response." in words


def test_plain_assert_tells_the_error_of_the_student_s_code(pages):
    """What the student's own code raised in the visible part is the student's to read."""
    words = words_of(pages[CLASS[2]])

    assert "B1 One half 0 / 2" in words
    assert "ValueError" in words.split("B1 One half 0 / 2")[1][:200]


def test_code_is_coloured_without_jupyterlab(pages):
    """The colours stand in the page, and are no variables of another page."""
    assert re.search(r"\.highlight \.k \{ color: #\w+", pages[CLASS[1]])


def test_class_is_drawn_without_names(pages):
    """A picture with words for who cannot see it."""
    drawing = re.search(r"<svg.*?</svg>", pages[CLASS[1]], re.DOTALL)[0]

    assert 'role="img"' in drawing
    assert "Points of 5 students" in drawing
    assert "sample" not in drawing


def test_page_fetches_nothing_but_mathjax(pages):
    """It reads well without network: formulas show as their source then."""
    for page in pages.values():
        soup = BeautifulSoup(page, "html.parser")
        found = [(tag, name) for tag in soup.find_all(True) for name in tag.attrs]
        fetched = {
            tag[name]
            for tag, name in found
            if name in ("src", "srcset", "data", "poster", "href")
            and not tag[name].startswith(("data:", "#"))
        }
        assert [address.split("/")[-1] for address in fetched] == [MATHJAX]
        assert [tag.attrs.get("defer") for tag in soup.find_all("script", src=True)] == [""]
        assert {name for _, name in found if name.startswith("on")} == set()
    assert "[picture: A cat]" in words_of(pages[CLASS[4]])
    assert 'alt="A red line"' in pages[CLASS[4]]


def test_page_fits_a_phone(course, pages):
    """At 360 pixels nothing is to be scrolled sideways, whatever a student prints."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install the system's package, apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=True)
        page.route("http**", lambda route: route.abort())
        widths = {}
        for student in CLASS:
            page.goto(page_of(course, student).as_uri())
            widths[student] = page.evaluate("document.documentElement.scrollWidth")
        browser.close()

    assert widths == dict.fromkeys(CLASS, 360)


def test_second_run_keeps_pages_until_something_changes(course, pages):
    """A comment changes one page only."""
    assert write_feedback(course, "practical1").kept == CLASS
    with course.gradebook() as gradebook:
        note = gradebook.find_comment("A1-answer", "practical1", "practical1", CLASS[3])
        note.manual_comment = "Come and see me."
        gradebook.db.commit()

    done = write_feedback(course, "practical1")

    assert (done.written, done.kept) == ((CLASS[3],), CLASS[:3] + CLASS[4:])
    assert "Come and see me." in page_of(course, CLASS[3]).read_text()
    assert (
        write_feedback(course, "practical1", students=[CLASS[0]], force=True).written == CLASS[:1]
    )


def test_new_hand_in_is_to_be_graded_before_its_feedback(course, pages):
    """A page about the old file would mislead."""
    folder = course.folder("submitted", "practical1", CLASS[4])
    (folder / "timestamp.txt").write_text("2024-10-21 12:00:00 UTC")
    try:
        done = write_feedback(course, "practical1", students=[CLASS[4]], force=True)
    finally:
        (folder / "timestamp.txt").write_text("2024-10-20 12:00:00 UTC")

    assert (done.stale, done.written) == ((CLASS[4],), ())


def test_stock_generate_feedback_hides_the_tests_too(course, tmp_path):
    """By the preprocessor that nbgrader_config.py names, in nbgrader's own page."""
    config = course.config.copy()
    step = GenerateFeedback(coursedir=course.coursedir, config=config)
    course.coursedir.feedback_directory = str(tmp_path)
    try:
        run_step(step, "practical1", CLASS[2])
    finally:
        course.coursedir.feedback_directory = config["CourseDirectory"]["feedback_directory"]
    page = (tmp_path / CLASS[2] / "practical1" / "practical1.html").read_text()

    assert "Grade cell" in page
    assert_nothing_leaks(page)
    assert "HTMLExporter" not in course.config


def test_who_is_not_graded_gets_no_page(course):
    """The error says what to run first."""
    with pytest.raises(
        FeedbackError, match=r"sample-99 is graded\. Run 'autograder grade practical1'"
    ):
        write_feedback(course, "practical1", students=["sample-99"])


def test_four_students_make_no_picture():
    """One could be picked out."""
    assert histogram([1, 2, 3, 4], 1, 10) == ""


def test_histogram_counts_whole_steps():
    """Full points fall into the last step, nothing outside."""
    drawing = histogram([0, 9.9, 10, 100, 100], 100, 100)

    assert "0 to 10: 2; 10 to 20: 1; 90 to 100: 2. You are in 90 to 100." in drawing


QUIET = {
    "a handler": ('<b onmouseover="go()">x</b>', "<b>x</b>"),
    "a frame": ('<iframe src="https://a.b"></iframe>y', "y"),
    "a background": ("<p style=\"background: url('//a.b')\">x</p>", "<p>x</p>"),
    "a style": ("<style>@import 'a'</style><b>x</b>", "<b>x</b>"),
    "a comment": ("<!-- x -->y", "y"),
    "a link that runs": ('<a href="javascript:go()">x</a>', "<a>x</a>"),
    "a link": ('<a href="https://a.b">x</a>', '<a href="https://a.b">x</a>'),
    "an own picture": ('<img src="data:image/png;base64,AA"/>',) * 2,
    "a stray end": ("x</div></main>y", "xy"),
}


@pytest.mark.parametrize(("given", "left"), QUIET.values(), ids=QUIET.keys())
def test_markup_of_a_student_neither_runs_nor_fetches(given, left):
    """The page is opened by instructors too."""
    assert offline(given) == left
