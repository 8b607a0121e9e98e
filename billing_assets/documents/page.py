"""Pages of every document as PDF: font, colours, margins, text, and the number at the foot."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from fpdf import FPDF

FONT = "DejaVu"
BLUE = (31, 78, 121)
GREY = (102, 102, 102)
BLACK = (34, 34, 34)
SAND = (251, 233, 198)
RULE = (216, 221, 226)
WHITE = (255, 255, 255)
PALE = (244, 247, 250)

_BETWEEN = 2
Colour = tuple[int, int, int]
_FONTS = Path(__file__).parent / "fonts"


class Page(FPDF):
    """Pages with their numbers, in a font that has the letters and the currency signs of Europe."""

    def __init__(self, title: str, created_on: date):
        super().__init__(format="A4")
        for style, name in (("", ""), ("B", "-Bold")):
            self.add_font(FONT, style, _FONTS / f"DejaVuSansCondensed{name}.ttf")
        self.set_margin(15)
        # so that text, rules and fills begin at the same place
        self.c_margin = 0
        self.set_auto_page_break(True, margin=20)
        self.set_title(title)
        # the day of the document, not of the print: the same document has the same bytes
        self.set_creation_date(datetime.combine(created_on, time(), UTC))
        self.add_page()

    def footer(self) -> None:
        self.set_y(-15)
        self.write_as(8, GREY)
        self.cell(0, 5, f"{self.title}, {self.page_no()}/{{nb}}", align="C")

    def write_as(self, size: float, colour: Colour = BLACK, style: str = "") -> None:
        """The size, colour and style of the text that follows."""
        self.set_font(FONT, style, size)
        self.set_text_color(*colour)

    def text_line(self, words: str, size: float, colour: Colour = BLACK, style: str = "", width: float = 0) -> None:
        """Words at the place, on as many lines as they need."""
        self.write_as(size, colour, style)
        self.multi_cell(width, size * 0.5, words, new_x="LEFT" if width else "LMARGIN", new_y="NEXT", align="L")

    def banner(self, words: str) -> None:
        """Words that must not be missed."""
        self.set_fill_color(*SAND)
        self.rect(self.l_margin, self.get_y(), self.epw, 7, style="F")
        # tables are filled with the colour that was set last
        self.set_fill_color(*WHITE)
        self.write_as(9)
        self.set_x(self.l_margin + 3)
        self.cell(0, 7, words, new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def rule(self, colour: Colour = BLUE) -> None:
        """A line across the page."""
        self.set_draw_color(*colour)
        self.line(self.l_margin, self.get_y() + 1, self.w - self.r_margin, self.get_y() + 1)

    def thin_rule(self, colour: Colour) -> None:
        """A thin line right below what was written."""
        self.set_draw_color(*colour)
        self.set_line_width(0.15)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.set_line_width(0.2)

    def fitting(self, words: str, width: float) -> str:
        """Words that fit into the width of a column: cut with an ellipsis where they are too long."""
        most = width - _BETWEEN
        if self.get_string_width(words) <= most:
            return words
        while words and self.get_string_width(f"{words}\u2026") > most:
            words = words[:-1]
        return f"{words}\u2026"

    def keep_together(self, height: float) -> None:
        """What follows, of that height, stands on one page."""
        if self.will_page_break(height):
            self.add_page()
