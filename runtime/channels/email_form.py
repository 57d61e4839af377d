"""What an e-mail says: a letter, which has its own way of being compiled."""

from __future__ import annotations

from pydantic import Field

from .medium import Form, Medium


class LetterForm(Form):
    """The parts of a letter as they stand in a journey."""

    subject: str = Field(description="The line people see first.")
    preheader: str = Field("", description="What mail programs show after the subject.")
    mjml: str = Field("", description="The letter itself, in MJML.")
    text: str = Field("", description="The same without markup; made from the letter where none is given.")


EMAIL = Medium("email", "E-mail", "mail", "email", LetterForm, "A letter to a mailbox.")
