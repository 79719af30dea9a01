"""Questions whose answer is a piece of a given text: XQuAD and SQuAD."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from cmp784.data.errors import DataError, check_name
from cmp784.data.lines import read_text
from cmp784.data.samples import locate

LANGUAGES = ("en", "tr")


class Answer(NamedTuple):
    """One right answer: a piece of the context.

    Attributes
    ----------
    text : str
        The words of the answer.
    start : int
        Position of its first character in the context, from 0, in characters.
    """

    text: str
    start: int


class Question(NamedTuple):
    """A question about a text.

    Attributes
    ----------
    id : str
        The source's own name of the question.
    title : str
        Title of the article.
    context : str
        The paragraph that holds the answer.
    question : str
        The question.
    answers : tuple of Answer
        One or more right answers.
    """

    id: str
    title: str
    context: str
    question: str
    answers: tuple[Answer, ...]


def xquad(language: str = "en", sample: bool = False) -> list[Question]:
    """Return questions on paragraphs of Wikipedia, the same ones in English and in Turkish.

    Parameters
    ----------
    language
        ``"en"`` or ``"tr"``. Question number i asks the same in both.
    sample
        True for the small built-in set instead: 8 questions written for this course, no download.

    Returns
    -------
    list of Question
        1,190 questions on 240 paragraphs of 48 articles, one answer each, and
        ``context[start : start + len(text)] == text`` for every one.

    Raises
    ------
    DataError
        If the language is unknown, the file can be had from no place, or an answer is not where
        the file says.

    Notes
    -----
    Source: M. Artetxe, S. Ruder, D. Yogatama, On the cross-lingual transferability of monolingual
    representations, ACL 2020; a part of the SQuAD v1.1 development set, translated by people.
    Licence: CC BY-SA 4.0, share alike. 0.7 MB to download.

    Examples
    --------
    >>> xquad("tr", sample=True)[0].answers
    (Answer(text='1957', start=51),)
    """
    check_name("language of XQuAD here", language, LANGUAGES)
    return _read(locate("xquad", f"xquad.{language}.json", sample))


def squad(sample: bool = False) -> list[Question]:
    """Return the development set of SQuAD v1.1: questions on paragraphs of Wikipedia, in English.

    Parameters
    ----------
    sample
        True for the small built-in set instead: 8 questions written for this course, no download.

    Returns
    -------
    list of Question
        10,570 questions, each with the answers of several people. Whether every answer is where the
        file says is not checked.

    Raises
    ------
    DataError
        If the file can be had from no place, or is not of the form of SQuAD v1.1.

    Notes
    -----
    Source: P. Rajpurkar and others, SQuAD: 100,000+ questions for machine comprehension of text,
    EMNLP 2016. Licence: CC BY-SA 4.0, share alike. 4.9 MB to download.

    Examples
    --------
    >>> squad(sample=True)[0].answers[0].text
    '1957'
    """
    if sample:
        return _read(locate("xquad", "xquad.en.json", sample))
    return _read(locate("squad", "dev-v1.1.json", sample), check_answers=False)


def _read(path: Path, check_answers: bool = True) -> list[Question]:
    """Read a file in the form of SQuAD v1.1."""
    try:
        articles = json.loads(read_text(path))["data"]
        questions = [
            _question(article["title"], paragraph["context"], entry)
            for article in articles
            for paragraph in article["paragraphs"]
            for entry in paragraph["qas"]
        ]
    except json.JSONDecodeError as error:
        raise DataError(f'"{path}", line {error.lineno}: {error.msg}; expected JSON.') from None
    except KeyError as error:
        raise DataError(
            f'"{path}": the key "{error.args[0]}" is missing; see SQuAD v1.1.'
        ) from None
    except TypeError:
        raise DataError(f'"{path}": is not of the form of SQuAD v1.1.') from None
    for each in questions if check_answers else ():
        _check_answers(path, each)
    return questions


def _question(title: str, context: str, entry: dict[str, Any]) -> Question:
    """Turn one entry of the file into a `Question`."""
    answers = tuple(Answer(each["text"], each["answer_start"]) for each in entry["answers"])
    return Question(entry["id"], title, context, entry["question"], answers)


def _check_answers(path: Path, question: Question) -> None:
    """Raise unless every answer stands where the file says."""
    if not question.answers:
        raise DataError(f'"{path}", question "{question.id}": there is no answer.')
    for text, start in question.answers:
        found = question.context[start : start + len(text)]
        if found != text:
            raise DataError(
                f'"{path}", question "{question.id}": found "{found}" at character {start} of the '
                f'context, but expected the answer "{text}".'
            )
